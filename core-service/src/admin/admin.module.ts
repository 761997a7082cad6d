import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { AdminBooksController } from './admin-books.controller.js';
import { AdminUsersController } from './admin-users.controller.js';
import { AdminUsersRepository } from './admin-users.repository.js';
import { Operations } from './operations.service.js';

@Module({
  imports: [ApiKeysModule, AuditModule, AuthModule, TokensModule],
  controllers: [AdminUsersController, AdminBooksController],
  providers: [AdminUsersRepository, Operations],
})
export class AdminModule {}
