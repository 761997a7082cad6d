import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

export interface PeerCommand {
  /** For display. */
  name: string;
  file: string;
  args: string[];
}

/** Time limit for one answer. */
const ANSWER_MS = 180_000;
const STDERR_KEPT = 2_000;

/** A network in a separate process, which runs `peer-process.ts`. */
export class Peer {
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  /** Resolves when it has exited and its output has been read. */
  private readonly closed: Promise<void>;
  private stderr = '';

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    if (!child.stdout || !child.stderr) throw new Error('A peer needs pipes.');
    this.reader = createInterface({ input: child.stdout });
    this.lines = this.reader[Symbol.asyncIterator]();
    child.on('error', (error) => (this.stderr += String(error)));
    this.closed = new Promise((resolve) => child.once('close', () => resolve()));
    // It may exit before it has read its input; the exit event reports it.
    child.stdin?.on('error', () => undefined);
    child.stderr.on('data', (data: Buffer) => {
      this.stderr = (this.stderr + data.toString()).slice(-STDERR_KEPT);
    });
  }

  /** @throws Error with the peer's own error when it does not become ready. */
  static async start({ name, file, args }: PeerCommand): Promise<{ peer: Peer; engine: string }> {
    const peer = new Peer(name, spawn(file, args, { stdio: 'pipe' }));
    try {
      const { engine } = (await peer.answer()) as { engine: string };
      return { peer, engine };
    } catch (error) {
      await peer.stop();
      throw error;
    }
  }

  /** Milliseconds of this many consecutive runs. */
  async run(runs: number): Promise<number[]> {
    this.ask({ runs });
    return ((await this.answer()) as { times: number[] }).times;
  }

  /** Writes the result of a run to a file, as planes of float32. */
  async save(path: string): Promise<void> {
    this.ask({ save: path });
    await this.answer();
  }

  async stop(): Promise<void> {
    this.reader.close();
    this.child.kill('SIGKILL');
    await this.closed;
  }

  private ask(request: object): void {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  private async answer(): Promise<unknown> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), ANSWER_MS);
    const start = performance.now();
    const { done, value } = await this.lines.next();
    clearTimeout(timer);
    if (!done) return JSON.parse(value);
    if (performance.now() - start >= ANSWER_MS)
      throw new Error(`no answer within ${ANSWER_MS / 1_000} s`);
    await this.closed;
    const words = this.stderr.match(/^.*(Error|error|Aborted).*$/gm)?.at(-1);
    throw new Error(words?.trim() ?? `ended with ${this.child.signalCode ?? this.child.exitCode}`);
  }
}
