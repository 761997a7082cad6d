import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { UsersModule } from '../users/users.module.js';
import { EmailChanges } from './email-changes.js';
import { EmailController } from './email.controller.js';
import { NewPassword } from './new-password.js';
import { PasswordsController } from './passwords.controller.js';
import { Passwords } from './passwords.js';
import { VerificationModule } from './verification/verification.module.js';

/** What users change about their accounts. */
@Module({
  imports: [AuthModule, UsersModule, VerificationModule],
  controllers: [EmailController, PasswordsController],
  providers: [EmailChanges, NewPassword, Passwords],
})
export class AccountsModule {}
