import { Injectable } from '@nestjs/common';

/** Aborted when the process starts to stop: readiness turns off, and waiting requests end. */
@Injectable()
export class Shutdown {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  begin(): void {
    this.controller.abort();
  }
}
