import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { validate as isUuid } from 'uuid';
import type { Principal } from '../common/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { AccessTokenKeys } from './access-token-keys.js';
import { ACCESS_TOKEN_TYPE } from './access-token.js';
import { LiveSessions } from './live-sessions.js';

/** The types of passport-jwt know no KeyObject; jsonwebtoken, which it calls, does. */
type Key = string | Buffer;

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    @Inject(CONFIG) config: Config,
    keys: AccessTokenKeys,
    private readonly sessions: LiveSessions,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request, token: string, done) => {
        const key = keys.verifying(token);
        done(key ? null : new Error('no such key'), key as unknown as Key);
      },
      issuer: config.JWT_ISSUER,
      audience: config.JWT_AUDIENCE,
      algorithms: ['HS256', 'ES256', 'RS256'],
      ignoreExpiration: false,
    });
  }

  /**
   * Passport has checked signature, expiry, issuer and audience; this checks the token's type, and that
   * its session has not ended.
   */
  async validate(claims: Record<string, unknown>): Promise<Principal | false> {
    const { typ, sub, sid, exp } = claims;
    if (typ !== ACCESS_TOKEN_TYPE || typeof exp !== 'number') return false;
    if (typeof sid !== 'string' || !isUuid(sid)) return false;
    const principal = await this.sessions.principalOf(sid);
    return principal && principal.userId === sub ? principal : false;
  }
}
