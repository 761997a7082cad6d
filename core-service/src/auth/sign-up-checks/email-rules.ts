/** Large providers of throw-away addresses; SIGN_UP_BLOCKED_DOMAINS_FILE takes a longer list. */
export const DISPOSABLE_DOMAINS: readonly string[] = [
  '10minutemail.com',
  '10minutemail.net',
  '20minutemail.com',
  '33mail.com',
  'anonaddy.me',
  'burnermail.io',
  'discard.email',
  'dispostable.com',
  'dropmail.me',
  'emailondeck.com',
  'fakeinbox.com',
  'fakemail.net',
  'getairmail.com',
  'getnada.com',
  'grr.la',
  'guerrillamail.biz',
  'guerrillamail.com',
  'guerrillamail.de',
  'guerrillamail.net',
  'guerrillamail.org',
  'guerrillamailblock.com',
  'harakirimail.com',
  'inboxbear.com',
  'inboxkitten.com',
  'mail-temp.com',
  'mail.tm',
  'mailcatch.com',
  'maildrop.cc',
  'mailinator.com',
  'mailinator.net',
  'mailnesia.com',
  'mailsac.com',
  'mintemail.com',
  'moakt.com',
  'mohmal.com',
  'mytemp.email',
  'nada.email',
  'sharklasers.com',
  'spam4.me',
  'spamgourmet.com',
  'temp-mail.io',
  'temp-mail.org',
  'tempail.com',
  'tempinbox.com',
  'tempmail.com',
  'tempmail.dev',
  'tempmail.plus',
  'tempmailo.com',
  'tempr.email',
  'throwawaymail.com',
  'trashmail.com',
  'trashmail.de',
  'trashmail.net',
  'trbvm.com',
  'yopmail.com',
  'yopmail.fr',
  'yopmail.net',
];

/** Mailboxes of a function, not of a person (RFC 2142, and what came into use since). */
const ROLES: ReadonlySet<string> = new Set([
  'abuse',
  'admin',
  'administrator',
  'billing',
  'contact',
  'ftp',
  'help',
  'hostmaster',
  'info',
  'mailer-daemon',
  'marketing',
  'no-reply',
  'noc',
  'noreply',
  'office',
  'postmaster',
  'root',
  'sales',
  'security',
  'support',
  'sysadmin',
  'usenet',
  'webmaster',
  'www',
]);

/** Whether the domain, or one above it, is in the list. */
export function isDomainListed(email: string, domains: ReadonlySet<string>): boolean {
  const labels = domainOf(email).split('.');
  return labels.some((_, i) => domains.has(labels.slice(i).join('.')));
}

/** Whether it is the address of a role; `admin+anything` is one too. */
export function isRoleAddress(email: string): boolean {
  const local = email.slice(0, email.lastIndexOf('@')).normalize('NFKC').toLowerCase();
  return ROLES.has(local.split('+', 1)[0] ?? '');
}

/** In the form of the DNS (Punycode), so that no look-alike passes. */
export function domainOf(email: string): string {
  const domain = email
    .slice(email.lastIndexOf('@') + 1)
    .normalize('NFKC')
    .toLowerCase();
  return URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : domain;
}
