import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Observable } from 'rxjs';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { boundedUserAgent, type Device } from './device.js';

const devices = new AsyncLocalStorage<Device>();
const UNKNOWN: Device = { userAgent: '', address: null };

/** Whose request is being answered; nobody's outside of one. */
export function currentDevice(): Device {
  return devices.getStore() ?? UNKNOWN;
}

/**
 * Remembers the device for the time of its request. Sessions are opened in many ways (password, passkey,
 * provider, refresh), none of which should have to pass it on.
 */
@Injectable()
export class DeviceInterceptor implements NestInterceptor {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'SESSION_ADDRESSES'>) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { headers, ip } = context.switchToHttp().getRequest<FastifyRequest>();
    const device = {
      userAgent: boundedUserAgent(headers['user-agent']),
      address: this.config.SESSION_ADDRESSES ? ip : null,
    };
    return new Observable((subscriber) =>
      devices.run(device, () => next.handle().subscribe(subscriber)),
    );
  }
}
