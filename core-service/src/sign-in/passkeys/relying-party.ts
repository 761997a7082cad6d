import { Inject, Injectable } from '@nestjs/common';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import { DomainError } from '../../common/domain-error.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { User } from '../../users/user.js';

const NAME = 'Stylizer';
/** COSE: EdDSA, ES256, RS256. */
const ALGORITHMS = [-8, -7, -257];
/** How long a browser waits for the person, in milliseconds. */
const TIMEOUT_MS = 300_000;

/**
 * This service as a relying party of Web Authentication (Level 3): passkeys that an authenticator finds by itself,
 * and uses only for a person it has recognised, so that one stands for two factors. No attestation.
 */
@Injectable()
export class RelyingParty {
  private readonly rpID: string;
  private readonly origins: string[];

  constructor(
    @Inject(CONFIG) config: Pick<Config, 'PUBLIC_URL' | 'WEBAUTHN_ORIGINS' | 'WEBAUTHN_RP_ID'>,
  ) {
    const { PUBLIC_URL, WEBAUTHN_ORIGINS, WEBAUTHN_RP_ID } = config;
    this.rpID = WEBAUTHN_RP_ID ?? new URL(PUBLIC_URL).hostname;
    const pages = WEBAUTHN_ORIGINS.length > 0 ? WEBAUTHN_ORIGINS : [PUBLIC_URL];
    this.origins = pages.map((page) => new URL(page).origin);
  }

  /** @param challenge base64url */
  creationOptions(
    challenge: string,
    { id, email }: User,
    known: { credentialId: string; transports: string[] }[],
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    return generateRegistrationOptions({
      rpName: NAME,
      rpID: this.rpID,
      userID: Uint8Array.from(userHandleOf(id)),
      userName: email,
      userDisplayName: email,
      challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
      timeout: TIMEOUT_MS,
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
      excludeCredentials: known.map(({ credentialId, transports }) => ({
        id: credentialId,
        transports,
      })),
    });
  }

  /** @throws DomainError INVALID_PASSKEY */
  async created(
    response: RegistrationResponseJSON,
    expectedChallenge: string,
  ): Promise<WebAuthnCredential> {
    const { registrationInfo } = await verified(() =>
      verifyRegistrationResponse({
        response,
        expectedChallenge,
        expectedOrigin: this.origins,
        expectedRPID: this.rpID,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }),
    );
    if (!registrationInfo) throw invalidPasskey();
    return registrationInfo.credential;
  }

  requestOptions(challenge: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return generateAuthenticationOptions({
      rpID: this.rpID,
      challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
      timeout: TIMEOUT_MS,
      userVerification: 'required',
    });
  }

  /**
   * @returns the authenticator's count of its signatures; 0 if it keeps none
   * @throws DomainError INVALID_PASSKEY
   */
  async used(
    response: AuthenticationResponseJSON,
    expectedChallenge: string,
    credential: WebAuthnCredential,
  ): Promise<number> {
    const result = await verified(() =>
      verifyAuthenticationResponse({
        response,
        expectedChallenge,
        expectedOrigin: this.origins,
        expectedRPID: this.rpID,
        credential,
        requireUserVerification: true,
      }),
    );
    if (!result.verified) throw invalidPasskey();
    return result.authenticationInfo.newCounter;
  }
}

/** The challenge that a credential answers, before anything is known of its truth. */
export function challengeOf(clientDataJSON: string): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString());
    return String(challenge);
  } catch {
    throw invalidPasskey();
  }
}

/** The user's id in 16 bytes: no personal data (section 14.6.1). */
export function userHandleOf(userId: string): Buffer {
  return Buffer.from(userId.replaceAll('-', ''), 'hex');
}

export function invalidPasskey(cause?: unknown): DomainError {
  return new DomainError(
    'INVALID_PASSKEY',
    'The passkey does not fit: it is unknown here, belongs to another site, or the device did not check who uses it. Start again, or sign in another way.',
    { cause },
  );
}

/** Whatever the library refuses, it throws plain errors, whose text is not for the caller. */
async function verified<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    throw invalidPasskey(error);
  }
}
