import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import chromium, { inflate } from '@sparticuz/chromium';
import puppeteer, { type Browser, type CDPSession, type Page } from 'puppeteer-core';

/** A page at http://localhost in Chromium, whose device has a fingerprint reader that always recognises its owner. */
export class PasskeyBrowser {
  origin = '';
  private server?: Server;
  private browser?: Browser;
  private page?: Page;
  private cdp?: CDPSession;
  private authenticatorId = '';

  async up(): Promise<void> {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Passkeys</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    this.browser = await launched();
    this.page = await this.browser.newPage();
    await this.page.goto(this.origin);
    this.cdp = await this.page.createCDPSession();
    await this.cdp.send('WebAuthn.enable');
    await this.newDevice();
  }

  async down(): Promise<void> {
    await this.browser?.close();
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** Another device, without passkeys. */
  async newDevice(): Promise<void> {
    if (this.authenticatorId) await this.send('WebAuthn.removeVirtualAuthenticator', {});
    const { authenticatorId } = (await this.cdp?.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })) ?? { authenticatorId: '' };
    this.authenticatorId = authenticatorId;
  }

  /** The device's only passkey as another device would have it that copied it before its last uses. */
  async copyOfPasskey(signCount: number): Promise<void> {
    const { credentials } = (await this.send('WebAuthn.getCredentials', {})) as {
      credentials: object[];
    };
    await this.newDevice();
    await this.send('WebAuthn.addCredential', { credential: { ...credentials[0], signCount } });
  }

  /** `navigator.credentials.create()`, as JSON for the API. */
  create(options: object): Promise<Credential> {
    return this.call('create', 'parseCreationOptionsFromJSON', options);
  }

  /** `navigator.credentials.get()`, as JSON for the API. */
  get(options: object): Promise<Credential> {
    return this.call('get', 'parseRequestOptionsFromJSON', options);
  }

  private async call(call: string, parse: string, options: object): Promise<Credential> {
    const credential = await this.page?.evaluate(
      `navigator.credentials.${call}({ publicKey: PublicKeyCredential.${parse}(${JSON.stringify(options)}) })
         .then((credential) => credential.toJSON())`,
    );
    return credential as Credential;
  }

  private send(method: string, parameters: object): Promise<unknown> {
    const call = { authenticatorId: this.authenticatorId, ...parameters };
    return (this.cdp as unknown as { send(method: string, call: object): Promise<unknown> }).send(
      method,
      call,
    );
  }
}

/** The Chromium that npm brings, with its own libraries, so that the machine needs none; elsewhere an installed Chrome. */
async function launched(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return puppeteer.launch({ channel: 'chrome', headless: true });
  const archive = '../../../node_modules/@sparticuz/chromium/bin/al2023.tar.br';
  const libraries = await inflate(fileURLToPath(new URL(archive, import.meta.url)));
  return puppeteer.launch({
    args: chromium.args,
    executablePath: await chromium.executablePath(),
    env: { ...process.env, LD_LIBRARY_PATH: `${libraries}/lib` },
    headless: 'shell',
  });
}

export interface Credential {
  id: string;
  response: Record<string, string>;
}
