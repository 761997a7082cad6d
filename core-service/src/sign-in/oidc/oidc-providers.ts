import { Inject, Injectable, Logger } from '@nestjs/common';
import * as openid from 'openid-client';
import { DomainError } from '../../common/domain-error.js';
import { errorCode } from '../../common/error-code.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { OidcProvider } from '../../config/sign-in.js';

/** What binds the answer of a provider to one request to it. */
export interface FlowSecrets {
  state: string;
  nonce: string;
  /** PKCE (RFC 7636). */
  verifier: string;
}

/** What came back to the redirect URI. */
export interface ProviderAnswer {
  code: string;
  state: string;
  /** RFC 9207. */
  iss?: string;
}

/** Somebody, as a provider knows them. */
export interface ProvenIdentity {
  subject: string;
  email?: string;
  emailVerified: boolean;
}

const TIMEOUT_SECONDS = 10;
const RETRY_SECONDS = 30;
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
/** openid-client's codes for an answer that is not what this service asked for, or not by whom. */
const REFUSALS = new Set([
  'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
]);

/** OpenID Connect Core 1.0, authorization code flow with PKCE, as a confidential client. */
@Injectable()
export class OidcProviders {
  private readonly logger = new Logger(OidcProviders.name);
  private readonly known = new Map<string, Promise<openid.Configuration>>();

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'OIDC_PROVIDERS'>) {}

  list(): readonly OidcProvider[] {
    return this.config.OIDC_PROVIDERS;
  }

  /** @throws DomainError PROVIDER_NOT_FOUND */
  get(id: string): OidcProvider {
    const provider = this.list().find((provider) => provider.id === id);
    if (provider) return provider;
    throw new DomainError(
      'PROVIDER_NOT_FOUND',
      'There is no such provider: GET /v1/auth/providers lists them.',
    );
  }

  /** @throws DomainError PROVIDER_UNAVAILABLE */
  async authorizationUrl(
    provider: OidcProvider,
    redirectUri: string,
    { state, nonce, verifier }: FlowSecrets,
  ): Promise<string> {
    return this.asking(provider, async (client) => {
      const url = openid.buildAuthorizationUrl(client, {
        redirect_uri: redirectUri,
        scope: provider.scopes,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return url.href;
    });
  }

  /** @throws DomainError IDENTITY_REFUSED | PROVIDER_UNAVAILABLE */
  async exchange(
    provider: OidcProvider,
    redirectUri: string,
    { state, nonce, verifier }: FlowSecrets,
    answer: ProviderAnswer,
  ): Promise<ProvenIdentity> {
    return this.asking(provider, async (client) => {
      const url = new URL(redirectUri);
      for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
      const tokens = await openid.authorizationCodeGrant(client, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims || !SUBJECT.test(claims.sub)) throw refused(provider);
      const { email, email_verified } =
        claims.email === undefined && client.serverMetadata().userinfo_endpoint
          ? await openid.fetchUserInfo(client, tokens.access_token, claims.sub)
          : claims;
      return {
        subject: claims.sub,
        email: typeof email === 'string' ? email : undefined,
        // Text at some providers.
        emailVerified: String(email_verified) === 'true',
      };
    });
  }

  private async asking<T>(
    provider: OidcProvider,
    work: (client: openid.Configuration) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(await this.clientOf(provider));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      const code = errorCode(error) ?? 'unknown';
      const grant = (error as { error?: unknown }).error;
      // The provider's description and the tokens stay out of the log.
      this.logger.warn(`sign-in by ${provider.id} failed: ${code} ${String(grant ?? '')}`.trim());
      if (REFUSALS.has(code) || grant === 'invalid_grant') throw refused(provider, error);
      throw new DomainError(
        'PROVIDER_UNAVAILABLE',
        `${provider.name} does not answer as it should. Try again, or sign in another way.`,
        { retryAfterSeconds: RETRY_SECONDS, cause: error },
      );
    }
  }

  private clientOf(provider: OidcProvider): Promise<openid.Configuration> {
    const known = this.known.get(provider.id) ?? this.discover(provider);
    this.known.set(provider.id, known);
    // A failure is not an answer to remember.
    known.catch(() => this.known.delete(provider.id));
    return known;
  }

  private async discover(provider: OidcProvider): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = provider;
    const secure = issuer.startsWith('https:');
    const found = await openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: TIMEOUT_SECONDS,
      execute: secure ? [] : [openid.allowInsecureRequests],
    });
    const metadata = found.serverMetadata();
    const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authentication = methods.includes('client_secret_basic')
      ? openid.ClientSecretBasic(clientSecret)
      : openid.ClientSecretPost(clientSecret);
    const client = new openid.Configuration(metadata, clientId, clientSecret, authentication);
    client.timeout = TIMEOUT_SECONDS;
    if (!secure) openid.allowInsecureRequests(client);
    return client;
  }
}

function refused({ name }: OidcProvider, cause?: unknown): DomainError {
  return new DomainError(
    'IDENTITY_REFUSED',
    `The answer of ${name} does not fit this sign-in. Start again.`,
    { cause },
  );
}
