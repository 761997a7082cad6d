import { Injectable } from '@nestjs/common';

/** Set as soon as the process is told to stop: readiness says so, and waiting answers end. */
@Injectable()
export class Shutdown {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  begin(): void {
    this.controller.abort();
  }
}
