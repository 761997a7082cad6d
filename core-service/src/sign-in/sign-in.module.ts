import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { UsersModule } from '../users/users.module.js';
import { Reauthentication } from './reauthentication.js';
import { SignInController } from './sign-in.controller.js';
import { SignInRepository } from './sign-in.repository.js';
import { SignInService } from './sign-in.service.js';
import { TotpController } from './totp/totp.controller.js';
import { TotpRepository } from './totp/totp.repository.js';
import { TotpService } from './totp/totp.service.js';

@Module({
  imports: [AuthModule, UsersModule],
  controllers: [SignInController, TotpController],
  providers: [Reauthentication, SignInRepository, SignInService, TotpRepository, TotpService],
  exports: [Reauthentication],
})
export class SignInModule {}
