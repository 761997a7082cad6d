import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { VerificationModule } from '../accounts/verification/verification.module.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthHousekeeping } from './auth-housekeeping.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { DeviceInterceptor } from './current-device.js';
import { LiveSessions } from './live-sessions.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PasswordCheck } from './password-check.js';
import { PasswordHasher } from './password-hasher.js';
import { RateLimiter } from './rate-limiter.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [
    PassportModule,
    JwtModule.registerAsync({
      inject: [CONFIG],
      useFactory: (config: Config) => ({
        secret: config.JWT_SECRET,
        signOptions: {
          algorithm: 'HS256',
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
  controllers: [AuthController, SessionsController],
  providers: [
    AuthHousekeeping,
    AuthService,
    JwtStrategy,
    LiveSessions,
    PasswordCheck,
    PasswordHasher,
    { provide: APP_INTERCEPTOR, useClass: DeviceInterceptor },
    RateLimiter,
    SessionsRepository,
    SessionsService,
  ],
  exports: [LiveSessions, PasswordCheck, PasswordHasher, RateLimiter, SessionsService],
})
export class AuthModule {}
