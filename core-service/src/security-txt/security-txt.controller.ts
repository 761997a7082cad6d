import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

const DAY_MS = 86_400_000;
/** RFC 9116 wants less than a year; half of it, so that stored copies are renewed in time. */
const VALID_DAYS = 180;

/** Where to report vulnerabilities (RFC 9116): for people and scanners, no part of the API. */
@ApiExcludeController()
@Controller('.well-known/security.txt')
export class SecurityTxtController {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'SECURITY_CONTACT' | 'PUBLIC_URL'>,
  ) {}

  @Get()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'public, max-age=86400')
  get(): string {
    const { SECURITY_CONTACT: contact, PUBLIC_URL: publicUrl } = this.config;
    if (!contact) throw new DomainError('NOT_FOUND', 'There is no such route.');
    return [
      `Contact: ${contact}`,
      `Expires: ${expires().toISOString()}`,
      'Preferred-Languages: en',
      `Canonical: ${new URL('/.well-known/security.txt', publicUrl).href}`,
      '',
    ].join('\n');
  }
}

/** The same all day, so that copies can be compared. */
function expires(): Date {
  return new Date((Math.floor(Date.now() / DAY_MS) + VALID_DAYS) * DAY_MS);
}
