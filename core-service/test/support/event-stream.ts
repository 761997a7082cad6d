import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

export interface ServerSentEvent {
  event: string;
  data: { id: string; status: string; [field: string]: unknown };
}

/** A client of `/events` that reads like a browser's EventSource. */
export class EventStream {
  readonly events: ServerSentEvent[] = [];
  /** Resolves when the server ends it; rejects when the connection breaks. */
  readonly ended: Promise<void>;
  private rest = '';
  private wake = Promise.withResolvers<undefined>();

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.take(chunk));
    this.ended = once(response, 'end').then(() => undefined);
    this.ended.catch(() => undefined);
  }

  static async open(
    { url }: { url: string },
    { accessToken }: { accessToken: string },
    id: string,
  ): Promise<EventStream> {
    const request = get(`${url}/v1/transformations/${id}/events`, {
      agent: false,
      headers: { authorization: `Bearer ${accessToken}`, accept: 'text/event-stream' },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new EventStream(response);
  }

  /** Resolves when a matching event of this name has arrived. */
  async until(
    event: string,
    wanted: (data: ServerSentEvent['data']) => boolean = () => true,
  ): Promise<void> {
    while (!this.events.some((come) => come.event === event && wanted(come.data)))
      await this.wake.promise;
  }

  hangUp(): void {
    this.response.destroy();
  }

  private take(chunk: string): void {
    const blocks = (this.rest + chunk).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? []),
      );
      if (fields.event) this.events.push({ event: fields.event, data: JSON.parse(fields.data) });
    }
    this.wake.resolve(undefined);
    this.wake = Promise.withResolvers();
  }
}
