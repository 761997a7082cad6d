import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { validate as isUuid } from 'uuid';
import type { Principal } from '../common/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ACCESS_TOKEN_TYPE } from './access-token.js';

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(@Inject(CONFIG) config: Config) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: config.JWT_SECRET,
      issuer: config.JWT_ISSUER,
      audience: config.JWT_AUDIENCE,
      algorithms: ['HS256'],
      ignoreExpiration: false,
    });
  }

  /** Passport has checked signature, expiry, issuer and audience; this checks the token's type. */
  validate(claims: Record<string, unknown>): Principal | false {
    const { typ, sub, exp } = claims;
    if (typ !== ACCESS_TOKEN_TYPE || typeof exp !== 'number') return false;
    return typeof sub === 'string' && isUuid(sub) ? { kind: 'user', userId: sub } : false;
  }
}
