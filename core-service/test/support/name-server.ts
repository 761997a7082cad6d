import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import dns2 from 'dns2';

export interface NameServer {
  /** `address:port`, for OUTGOING_DNS_SERVERS. */
  address: string;
  /** How often each name was asked for, A and AAAA each. */
  asked: Map<string, number>;
  close(): Promise<void>;
}

/**
 * A name server whose answers the test chooses.
 *
 * @param answer the addresses of a name; `time` counts its questions from 1, A and AAAA apart
 */
export async function startNameServer(
  answer: (name: string, time: number) => string[],
): Promise<NameServer> {
  const { Packet } = dns2;
  const asked = new Map<string, number>();
  const times = new Map<string, number>();
  const server = dns2.createUDPServer((request, send) => {
    const response = Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    const name = question?.name.toLowerCase() ?? '';
    const key = `${name} ${question?.type}`;
    times.set(key, (times.get(key) ?? 0) + 1);
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const wanted = question?.type === Packet.TYPE.AAAA;
    for (const address of answer(name, times.get(key) ?? 1))
      if (isIPv6(address) === wanted)
        response.answers.push({
          name,
          type: wanted ? Packet.TYPE.AAAA : Packet.TYPE.A,
          class: Packet.CLASS.IN,
          ttl: 0,
          address,
        } as unknown as InstanceType<typeof Packet.Resource>);
    void send(response);
  });
  const listening = once(server, 'listening');
  void server.listen(0, '127.0.0.1');
  await listening;
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    asked,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
