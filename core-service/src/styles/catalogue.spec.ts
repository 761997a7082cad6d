import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type CatalogueStyle, Inference, InferenceError } from '../inference/inference.js';
import { Catalogue } from './catalogue.js';

class StyleServer extends Inference {
  asked = 0;
  away = false;
  model = 'model-1';
  catalogue: CatalogueStyle[] = [{ id: 'a', name: 'A' }];

  styles(): Promise<CatalogueStyle[]> {
    this.asked++;
    return this.away
      ? Promise.reject(new InferenceError('unavailable', 'not there'))
      : Promise.resolve(this.catalogue);
  }
  preview(id: string): Promise<Buffer> {
    this.asked++;
    return Promise.resolve(Buffer.from(`${id} by ${this.model}`));
  }
  stylize(): never {
    throw new Error('not asked for here');
  }
  encodeStyle(): never {
    throw new Error('not asked for here');
  }
  isReady(): Promise<boolean> {
    return Promise.resolve(!this.away);
  }
}

describe('the catalogue', () => {
  let server: StyleServer;
  let catalogue: Catalogue;
  beforeEach(() => {
    jest.useFakeTimers();
    Logger.overrideLogger(false);
    server = new StyleServer();
    catalogue = new Catalogue(server);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is asked for once by many at the same time, and kept for a minute', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => catalogue.all()));
    expect(all.every(([style]) => style?.id === 'a')).toBe(true);
    expect(await catalogue.has('a')).toBe(true);
    expect(await catalogue.has('b')).toBe(false);
    expect(server.asked).toBe(1);
  });

  it('is read again after a minute, with what is new', async () => {
    await catalogue.all();
    server.catalogue = [{ id: 'b', name: 'B' }];
    jest.advanceTimersByTime(60_000);
    expect((await catalogue.all()).map(({ id }) => id)).toEqual(['b']);
  });

  it('outlives an outage, in which it is not asked for with every request', async () => {
    await catalogue.all();
    server.away = true;
    jest.advanceTimersByTime(60_000);
    for (let i = 0; i < 5; i++) expect(await catalogue.has('a')).toBe(true);
    expect(server.asked).toBe(2);
    server.away = false;
    server.catalogue = [{ id: 'b', name: 'B' }];
    jest.advanceTimersByTime(5_000);
    expect(await catalogue.has('b')).toBe(true);
  });

  it('that was never read is an outage to be told of, and is asked for again', async () => {
    server.away = true;
    await expect(catalogue.all()).rejects.toMatchObject({ code: 'INFERENCE_UNAVAILABLE' });
    server.away = false;
    expect(await catalogue.all()).toHaveLength(1);
  });

  const shown = async () => (await catalogue.preview('a'))?.toString();

  it('shows what another model paints after a minute at most', async () => {
    expect(await shown()).toBe('a by model-1');
    server.model = 'model-2';
    jest.advanceTimersByTime(59_000);
    expect(await shown()).toBe('a by model-1');
    jest.advanceTimersByTime(1_000);
    expect(await shown()).toBe('a by model-2');
  });

  it('keeps previews, and asks for none of a style that is not in it', async () => {
    for (let i = 0; i < 3; i++) expect(await shown()).toBe('a by model-1');
    expect(server.asked).toBe(2);
    expect(await catalogue.preview('../../etc/passwd')).toBeUndefined();
    expect(server.asked).toBe(2);
  });
});
