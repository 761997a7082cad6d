import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { MailModule } from '../mail/mail.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { IdentitiesController } from './oidc/identities.controller.js';
import { IdentitiesRepository } from './oidc/identities.repository.js';
import { IdentitiesService } from './oidc/identities.service.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcFlow } from './oidc/oidc-flow.js';
import { OidcProviders } from './oidc/oidc-providers.js';
import { OidcService } from './oidc/oidc.service.js';
import { PasskeySignInController } from './passkeys/passkey-sign-in.controller.js';
import { PasskeysController } from './passkeys/passkeys.controller.js';
import { PasskeysRepository } from './passkeys/passkeys.repository.js';
import { PasskeysService } from './passkeys/passkeys.service.js';
import { RelyingParty } from './passkeys/relying-party.js';
import { NewSession } from './new-session.js';
import { Reauthentication } from './reauthentication.js';
import { SecondFactorService } from './second-factor.service.js';
import { SecurityNotices } from './security-notices.js';
import { SignInController } from './sign-in.controller.js';
import { SignInRepository } from './sign-in.repository.js';
import { SignInService } from './sign-in.service.js';
import { TotpController } from './totp/totp.controller.js';
import { TotpRepository } from './totp/totp.repository.js';
import { TotpService } from './totp/totp.service.js';

@Module({
  imports: [AuthModule, MailModule, TokensModule, UsersModule],
  controllers: [
    IdentitiesController,
    OidcController,
    PasskeySignInController,
    PasskeysController,
    SignInController,
    TotpController,
  ],
  providers: [
    IdentitiesRepository,
    IdentitiesService,
    NewSession,
    OidcFlow,
    OidcProviders,
    OidcService,
    PasskeysRepository,
    PasskeysService,
    Reauthentication,
    RelyingParty,
    SecondFactorService,
    SecurityNotices,
    SignInRepository,
    SignInService,
    TotpRepository,
    TotpService,
  ],
  exports: [Reauthentication],
})
export class SignInModule {}
