/** Per statement, which holds a lock that all notifiers of the database share. */
export const MOST_PER_BATCH = 500;

/** Collects payloads while a batch is being sent, and sends them as the next batch. */
export class NotifyBatch {
  // A Set: the same payload twice in one batch is the same hint.
  private waiting = new Set<string>();
  private sending?: Promise<void>;

  /** @param send never rejects */
  constructor(private readonly send: (payloads: string[]) => Promise<void>) {}

  add(payload: string): void {
    this.waiting.add(payload);
    this.sending ??= this.sendOn();
  }

  /** Resolves when everything added so far has been sent. */
  async drain(): Promise<void> {
    await this.sending;
  }

  private async sendOn(): Promise<void> {
    while (this.waiting.size > 0) {
      const payloads = [...this.waiting];
      this.waiting = new Set(payloads.splice(MOST_PER_BATCH));
      await this.send(payloads);
    }
    this.sending = undefined;
  }
}
