import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { invalidChallenge, Tickets } from '../../auth/tickets.js';
import { invalid } from '../../common/domain-error.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import {
  type FlowSecrets,
  OidcProviders,
  type ProvenIdentity,
  type ProviderAnswer,
} from './oidc-providers.js';

const FLOW_SECONDS = 600;

export interface StartedFlow {
  authorizationUrl: string;
  state: string;
  /** Never leaves for the provider: it shows that the answer comes back to who asked. */
  flowToken: string;
  expiresIn: number;
}

/**
 * The way to a provider and back, once. State, nonce and PKCE verifier are made of the flow token, of which only
 * the hash is stored: an attacker who sends somebody to the redirect URI with the attacker's code does not have it.
 */
@Injectable()
export class OidcFlow {
  private readonly redirectUris: readonly string[];

  constructor(
    private readonly providers: OidcProviders,
    private readonly tickets: Tickets,
    @Inject(CONFIG) config: Pick<Config, 'OIDC_REDIRECT_URIS' | 'PUBLIC_URL'>,
  ) {
    const { OIDC_REDIRECT_URIS: uris, PUBLIC_URL } = config;
    this.redirectUris = uris.length > 0 ? uris : [`${PUBLIC_URL.replace(/\/$/, '')}/auth/callback`];
  }

  /**
   * @param redirectUri one of the configured; default the first
   * @param userId whose account the identity will be linked to
   * @throws DomainError PROVIDER_NOT_FOUND | PROVIDER_UNAVAILABLE | VALIDATION_FAILED
   */
  async start(id: string, redirectUri?: string, userId?: string): Promise<StartedFlow> {
    const provider = this.providers.get(id);
    const target = redirectUri ?? this.redirectUris[0];
    if (target === undefined || !this.redirectUris.includes(target))
      throw invalid('redirectUri', 'is not one that this service is configured with');
    const data = { provider: id, redirectUri: target };
    const flowToken = await this.tickets.issue('oidc', FLOW_SECONDS, { userId, data });
    const secrets = secretsOf(flowToken);
    const authorizationUrl = await this.providers.authorizationUrl(provider, target, secrets);
    return { authorizationUrl, state: secrets.state, flowToken, expiresIn: FLOW_SECONDS };
  }

  /**
   * @param userId of the caller who started it to link an identity; undefined for a sign-in
   * @throws DomainError INVALID_CHALLENGE | IDENTITY_REFUSED | PROVIDER_NOT_FOUND | PROVIDER_UNAVAILABLE
   */
  async finish(
    id: string,
    flowToken: string,
    answer: ProviderAnswer,
    userId?: string,
  ): Promise<ProvenIdentity> {
    const provider = this.providers.get(id);
    const ticket = await this.tickets.take('oidc', flowToken);
    const secrets = secretsOf(flowToken);
    const fits =
      ticket.data.provider === id &&
      ticket.userId === (userId ?? null) &&
      equal(answer.state, secrets.state);
    if (!fits) throw invalidChallenge();
    return this.providers.exchange(provider, String(ticket.data.redirectUri), secrets, answer);
  }
}

function secretsOf(flowToken: string): FlowSecrets {
  const made = (name: string) => createHmac('sha256', flowToken).update(name).digest('base64url');
  return { state: made('state'), nonce: made('nonce'), verifier: made('verifier') };
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
