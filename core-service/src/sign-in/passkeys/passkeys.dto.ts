import { z } from 'zod';
import { Id } from '../../common/uuid-param.js';
import { OwnPassword } from '../sign-in.dto.js';
import { base64url, NewCredential, UsedCredential } from './credential.dto.js';

const PasskeyName = z
  .string()
  .regex(/^\P{Cc}{1,64}$/u, 'must have 1 to 64 characters, none of them a control character')
  // For tools that know no Unicode categories.
  .meta({ pattern: String.raw`^[^\x00-\x1f\x7f-\x9f]{1,64}$`, example: 'Phone' });

export const NewPasskeyBody = z
  .strictObject({ name: PasskeyName, credential: NewCredential })
  .meta({ id: 'NewPasskey' });
export type NewPasskeyBody = z.output<typeof NewPasskeyBody>;

export const PasskeyConfirmation = z
  .strictObject({ password: OwnPassword })
  .meta({ id: 'PasskeyConfirmation' });
export type PasskeyConfirmation = z.output<typeof PasskeyConfirmation>;

export const PasskeySignInBody = z
  .strictObject({ credential: UsedCredential })
  .meta({ id: 'PasskeySignIn' });
export type PasskeySignInBody = z.output<typeof PasskeySignInBody>;

export const PasskeyBody = z
  .object({
    id: Id,
    name: PasskeyName,
    createdAt: z.date().meta({ example: '2026-11-29T08:00:00.000Z' }),
    lastUsedAt: z.date().nullable().meta({ example: null }),
  })
  .meta({ id: 'Passkey' });
export type PasskeyBody = z.output<typeof PasskeyBody>;

export const PasskeyList = z.object({ items: z.array(PasskeyBody) }).meta({ id: 'PasskeyList' });
export type PasskeyList = z.output<typeof PasskeyList>;

/** Web Authentication's own; for the browser, not to be read. */
const options = (id: string, call: string) =>
  z.looseObject({ challenge: base64url(100) }).meta({
    id,
    description: `For \`${call}\`, after \`PublicKeyCredential.parse…OptionsFromJSON()\`.`,
  });
export const CreationOptions = options('PasskeyCreationOptions', 'navigator.credentials.create()');
export const RequestOptions = options('PasskeyRequestOptions', 'navigator.credentials.get()');
export type PasskeyOptions = z.output<typeof RequestOptions>;
