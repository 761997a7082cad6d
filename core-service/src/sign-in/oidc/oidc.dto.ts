import { Param } from '@nestjs/common';
import { z } from 'zod';
import { OwnPassword, Token } from '../sign-in.dto.js';

const ProviderId = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'is not the id of a provider')
  .meta({ example: 'keycloak' });
/** The `:provider` of a route. */
export const ProviderParam = () => Param('provider', { schema: ProviderId });

const RedirectUri = z.string().max(2_000).optional().meta({
  description: 'One that the service is configured with; default the first.',
  example: 'http://localhost:8000/auth/callback',
});

export const ProviderList = z
  .object({
    items: z.array(z.object({ id: ProviderId, name: z.string().meta({ example: 'Keycloak' }) })),
  })
  .meta({ id: 'ProviderList' });
export type ProviderList = z.output<typeof ProviderList>;

export const FlowBody = z.strictObject({ redirectUri: RedirectUri }).meta({ id: 'SignInStart' });
export type FlowBody = z.output<typeof FlowBody>;

export const LinkBody = z
  .strictObject({ redirectUri: RedirectUri, password: OwnPassword })
  .meta({ id: 'LinkStart' });
export type LinkBody = z.output<typeof LinkBody>;

export const StartedFlow = z
  .object({
    authorizationUrl: z.string().meta({
      description: 'Send the browser there.',
      example: 'https://keycloak.example.com/realms/stylizer/protocol/openid-connect/auth?…',
    }),
    state: Token.meta({ description: 'Comes back to the redirect URI.' }),
    flowToken: Token.meta({
      description:
        'Keep it where the sign-in began, such as in sessionStorage; part of the callback.',
    }),
    expiresIn: z.int().positive().meta({ description: 'Seconds.', example: 600 }),
  })
  .meta({ id: 'StartedSignIn' });
export type StartedFlow = z.output<typeof StartedFlow>;

/** Printable ASCII (RFC 6749, appendix A.11). */
const CODE = /^[\x20-\x7e]+$/;

export const CallbackBody = z
  .strictObject({
    flowToken: Token,
    code: z.string().regex(CODE).max(4_096).meta({
      description: 'From the query of the redirect URI, as are `state` and `iss`.',
      example: 'SplxlOBeZQQYbYS6WxSbIA',
    }),
    state: Token,
    iss: z.string().regex(CODE).max(2_000).optional().meta({
      description: 'If the provider sent it.',
      example: 'https://keycloak.example.com/realms/stylizer',
    }),
  })
  .meta({ id: 'SignInCallback' });
export type CallbackBody = z.output<typeof CallbackBody>;

export const IdentityBody = z
  .object({
    provider: ProviderId,
    email: z.string().nullable().meta({
      description: 'As the provider told it when it was linked.',
      example: 'ada@example.com',
    }),
    createdAt: z.date().meta({ example: '2026-11-29T08:00:00.000Z' }),
  })
  .meta({ id: 'Identity' });
export type IdentityBody = z.output<typeof IdentityBody>;

export const IdentityList = z.object({ items: z.array(IdentityBody) }).meta({ id: 'IdentityList' });
export type IdentityList = z.output<typeof IdentityList>;

export const UnlinkBody = z.strictObject({ password: OwnPassword }).meta({ id: 'Unlink' });
export type UnlinkBody = z.output<typeof UnlinkBody>;
