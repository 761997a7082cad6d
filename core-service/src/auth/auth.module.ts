import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { VerificationModule } from '../accounts/verification/verification.module.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccessTokenKeys } from './access-token-keys.js';
import { AuthHousekeeping } from './auth-housekeeping.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { DeviceInterceptor } from './current-device.js';
import { JwksController } from './jwks.controller.js';
import { LiveSessions } from './live-sessions.js';
import { LoginThrottle } from './login-throttle.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PasswordCheck } from './password-check.js';
import { PasswordHasher } from './password-hasher.js';
import { RateLimiter } from './rate-limiter.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { SignUpChecks } from './sign-up-checks/sign-up-checks.js';
import { SignUpController } from './sign-up-checks/sign-up.controller.js';
import { Tickets } from './tickets.js';

@Module({
  imports: [
    PassportModule,
    JwtModule.registerAsync({
      inject: [CONFIG],
      useFactory: (config: Config, { signing } = new AccessTokenKeys(config)) => ({
        privateKey: signing.key,
        signOptions: {
          algorithm: signing.algorithm,
          keyid: signing.kid,
          issuer: config.JWT_ISSUER,
          audience: config.JWT_AUDIENCE,
          expiresIn: config.ACCESS_TOKEN_SECONDS,
        },
      }),
    }),
    UsersModule,
    TokensModule,
    VerificationModule,
  ],
  controllers: [AuthController, JwksController, SessionsController, SignUpController],
  providers: [
    AccessTokenKeys,
    AuthHousekeeping,
    AuthService,
    JwtStrategy,
    LiveSessions,
    PasswordCheck,
    LoginThrottle,
    PasswordHasher,
    { provide: APP_INTERCEPTOR, useClass: DeviceInterceptor },
    RateLimiter,
    SessionsRepository,
    SessionsService,
    SignUpChecks,
    Tickets,
  ],
  exports: [
    LiveSessions,
    PasswordCheck,
    PasswordHasher,
    RateLimiter,
    SessionsService,
    SignUpChecks,
    Tickets,
  ],
})
export class AuthModule {}
