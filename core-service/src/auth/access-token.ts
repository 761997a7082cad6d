/** Distinguishes an access token from other JWTs signed with the same secret. */
export const ACCESS_TOKEN_TYPE = 'access';

export interface AccessTokenClaims {
  /** User id. */
  sub: string;
  /** Session id. */
  sid: string;
  typ: typeof ACCESS_TOKEN_TYPE;
}
