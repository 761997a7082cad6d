import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export interface Written {
  bytes: number;
  /** SHA-256, hexadecimal. */
  digest: string;
}

/** A ZIP archive that is written to a file while it is made: one entry after the other, none held in memory. */
export class ZipWriter {
  private readonly zip = new ZipFile();
  private readonly written: Promise<Written>;
  private bytes = 0;

  constructor(private readonly file: FileHandle) {
    this.written = this.write();
    // It surfaces in the entry that is being added, or at the end.
    this.written.catch(() => undefined);
    this.zip.on('error', (error: Error) => this.output.destroy(error));
  }

  /** Bytes so far. */
  get size(): number {
    return this.bytes;
  }

  /** Reads the stream to its end. */
  async add(name: string, stream: Readable, { compress }: { compress: boolean }): Promise<void> {
    this.zip.addReadStream(stream, name, { compress });
    try {
      // If the file cannot be written, nothing reads the stream any more.
      await Promise.race([finished(stream, { writable: false }), this.written]);
    } catch (error) {
      this.output.destroy();
      throw error;
    } finally {
      stream.destroy();
    }
  }

  /** A JSON array of all rows. */
  addRows(name: string, rows: AsyncIterable<object>): Promise<void> {
    return this.add(name, Readable.from(jsonOf(rows), { objectMode: false }), { compress: true });
  }

  addJson(name: string, value: object): Promise<void> {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    return this.add(name, Readable.from([Buffer.from(text)], { objectMode: false }), {
      compress: true,
    });
  }

  end(): Promise<Written> {
    this.zip.end();
    return this.written;
  }

  private get output(): Readable {
    return this.zip.outputStream as Readable;
  }

  private async write(): Promise<Written> {
    const hash = createHash('sha256');
    for await (const chunk of this.output as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await this.file.writeFile(chunk);
      this.bytes += chunk.length;
    }
    return { bytes: this.bytes, digest: hash.digest('hex') };
  }
}

async function* jsonOf(rows: AsyncIterable<object>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const row of rows) {
    yield separator + JSON.stringify(row);
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
