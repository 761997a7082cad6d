import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthHousekeeping } from './auth-housekeeping.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { LiveSessions } from './live-sessions.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PasswordHasher } from './password-hasher.js';
import { RateLimiter } from './rate-limiter.js';
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
  ],
  controllers: [AuthController],
  providers: [
    AuthHousekeeping,
    AuthService,
    JwtStrategy,
    LiveSessions,
    PasswordHasher,
    RateLimiter,
    SessionsRepository,
    SessionsService,
  ],
  exports: [AuthHousekeeping, LiveSessions, PasswordHasher, RateLimiter, SessionsService],
})
export class AuthModule {}
