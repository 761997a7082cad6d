import { OTP } from 'otplib';

/** What every authenticator app assumes: SHA-1, six digits (RFC 6238). */
const otp = new OTP({ strategy: 'totp' });
const STEP_SECONDS = 30;
const ISSUER = 'Stylizer';

/** 160 random bits in base32. */
export function newSecret(): string {
  return otp.generateSecret();
}

/** What a QR code shows to an authenticator app. */
export function otpauthUri(secret: string, email: string): string {
  return otp.generateURI({ issuer: ISSUER, label: email, secret });
}

/**
 * The time step that a code is of: now, or one before or after, for clocks that differ and slow typing.
 *
 * @param code six digits
 */
export async function stepOf(code: string, secret: string): Promise<number | undefined> {
  const result = await otp.verify({ secret, token: code, epochTolerance: STEP_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}
