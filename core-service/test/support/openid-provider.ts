import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { Provider } from 'oidc-provider';

export const CLIENT = { clientId: 'stylizer', clientSecret: 'a secret of the tests: 4f9c1b7e' };

export interface Account {
  email?: string;
  email_verified?: boolean;
}

/**
 * A real OpenID provider in this process. Whoever `login_hint` names is signed in without a page to click on.
 */
export class OpenIdProvider {
  readonly accounts = new Map<string, Account>();
  issuer = '';
  private server?: Server;

  /** @param claimsInIdToken else they are only at the userinfo endpoint */
  async up(redirectUris: string[], { claimsInIdToken }: { claimsInIdToken: boolean }) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
    this.issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
    // It warns of keys and storage that are for development.
    const warn = jest.spyOn(console, 'warn').mockReturnValue();
    const provider = this.make(redirectUris, claimsInIdToken);
    warn.mockRestore();
    const callback = provider.callback();
    server.on('request', (request, response) => {
      if (!request.url?.startsWith('/interaction/')) return void callback(request, response);
      void provider.interactionDetails(request, response).then(({ params }) =>
        provider.interactionFinished(request, response, {
          login: { accountId: String(params.login_hint) },
        }),
      );
    });
  }

  async down(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /**
   * What a browser does that is sent to the authorization URL, as far as the redirect URI.
   *
   * @returns the query of the redirect URI
   */
  async visit(authorizationUrl: string, subject: string): Promise<Record<string, string>> {
    const cookies = new Map<string, string>();
    let url = new URL(authorizationUrl);
    url.searchParams.set('login_hint', subject);
    while (url.origin === this.issuer) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (!location) throw new Error(`${response.status}: ${await response.text()}`);
      url = new URL(location, url);
    }
    return Object.fromEntries(url.searchParams);
  }

  private make(redirectUris: string[], claimsInIdToken: boolean): Provider {
    return new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.clientId,
          client_secret: CLIENT.clientSecret,
          redirect_uris: redirectUris,
        },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      conformIdTokenClaims: !claimsInIdToken,
      ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, ...this.accounts.get(accountId) }),
      }),
      loadExistingGrant: async ({ oidc }) => {
        const grant = new oidc.provider.Grant({
          accountId: oidc.session?.accountId,
          clientId: oidc.client?.clientId,
        });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    });
  }
}
