import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shutdown } from '../../src/common/shutdown.js';
import { InferenceError } from '../../src/inference/inference.js';
import { ChangeFeed, type Change } from '../../src/events/change-feed.js';
import { TransformationLifecycle } from '../../src/transformations/transformation-lifecycle.js';
import { TransformationsRepository } from '../../src/transformations/transformations.repository.js';
import { WatchTransformation } from '../../src/transformations/watch-transformation.js';
import { picture } from '../factories/images.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectExactLedger } from '../support/ledger.js';
import { aCompletion } from '../support/ledger-fixture.js';
import { attempt } from '../support/outcome.js';

const image = await picture({ width: 32, height: 32 });

/** No worker runs here: the tests run its steps. */
describe('the progress of a transformation', () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference, worker: false });
  const user = useUser(app, beforeEach, 900);
  afterEach(() => expectExactLedger(app.dataSource));

  const rows = () => app.app.get(TransformationsRepository);
  const submitted = () => user.enqueue(image);
  const shown = (id: string) => user.transformation(id);
  const process = (id: string) => attempt(app, id);
  /** The next image reports these numbers of tiles, out of 12, then ends as given. */
  const tilesOfNext = (done: number[], end?: Error) => {
    const usual = inference.conduct;
    inference.conduct = (bytes, context) => {
      inference.conduct = usual;
      for (const tiles of done) context.onProgress(tiles, 12);
      return end ? Promise.reject(end) : usual(bytes, context);
    };
  };
  const claim = (id: string) => app.app.get(TransformationLifecycle).claim(id);
  const tellProgress = async (id: string, tilesDone: number) => {
    if (await rows().writeProgress(id, { tilesDone, tilesTotal: 12 }))
      app.app.get(ChangeFeed).announceProgress(id);
  };
  const claimed = async () => {
    const id = await submitted();
    await claim(id);
    return id;
  };
  const fail = async (id: string) =>
    app.app.get(TransformationLifecycle).fail(id, { code: 'X', detail: 'x' });
  /** Collects the notifications about it from now on. */
  const changesOf = (id: string) => {
    const changes: Change[] = [];
    app.app.get(ChangeFeed).subscribe(id, (change) => changes.push(change));
    return changes;
  };

  it('is the last reported value, also after completion', async () => {
    const id = await submitted();
    tilesOfNext([1, 2, 3, 12]);
    await process(id);
    expect(await shown(id)).toMatchObject({
      status: 'completed',
      progress: { tilesDone: 12, tilesTotal: 12 },
    });
  });

  it('is absent for an image without tiles', async () => {
    const id = await submitted();
    await process(id);
    const body = await shown(id);
    expect(body.status).toBe('completed');
    expect(body).not.toHaveProperty('progress');
  });

  it('starts over with the next attempt', async () => {
    const id = await submitted();
    tilesOfNext([7], new InferenceError('failed', 'the thread died'));
    await expect(process(id)).rejects.toThrow('the thread died');
    expect((await shown(id)).progress).toEqual({ tilesDone: 7, tilesTotal: 12 });

    const held = inference.holdNext();
    const again = process(id);
    await held.begun;
    expect(await shown(id)).not.toHaveProperty('progress');
    held.release();
    await again;
  });

  it('does not fail the job when it cannot be saved', async () => {
    const id = await submitted();
    // More tiles than the total: the table refuses it.
    tilesOfNext([13]);
    await process(id);
    const body = await shown(id);
    expect(body.status).toBe('completed');
    expect(body).not.toHaveProperty('progress');
  });

  it('never goes backwards while two workers process the same job', async () => {
    const id = await claimed();
    await tellProgress(id, 5);
    await tellProgress(id, 4);
    expect((await shown(id)).progress).toEqual({ tilesDone: 5, tilesTotal: 12 });
  });

  it('does not reopen an ended transformation when it arrives late', async () => {
    const [pending, failed] = [await submitted(), await claimed()];
    await fail(failed);
    for (const id of [pending, failed]) {
      const before = await shown(id);
      await tellProgress(id, 1);
      expect(await shown(id)).toEqual(before);
    }
  });

  it('may race with the end: the transformation ends once and is settled once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, claimed));
    await Promise.all(
      ids.map(async (id, i) => {
        const tell = () => tellProgress(id, 3);
        const early = i % 2 ? tell() : undefined;
        const ending = app.app.get(TransformationLifecycle).complete(id, aCompletion);
        await Promise.all([early ?? tell(), ending]);
      }),
    );
    for (const id of ids) expect((await shown(id)).status).toBe('completed');
    expect(await user.balance()).toEqual({ available: 800, held: 0 });
  });

  it('is notified as progress, which does not wake clients waiting for the end', async () => {
    const id = await submitted();
    const changes = changesOf(id);
    await claim(id);
    expect(changes.splice(0)).toEqual(['status']);
    let looks = 0;
    const find = (of: string) => {
      looks++;
      return rows().find(of);
    };
    const waiting = new WatchTransformation(
      { find } as TransformationsRepository,
      app.app.get(ChangeFeed),
      app.app.get(Shutdown),
    ).untilFinal(id, 20_000);

    const seen: (number | undefined)[] = [];
    const stop = new AbortController();
    const following = app.app.get(WatchTransformation).states(id, stop.signal, { progress: true });
    for await (const { progress } of following) {
      const tilesDone = progress?.tilesDone ?? 0;
      seen.push(progress?.tilesDone);
      if (tilesDone === 2) stop.abort();
      else await tellProgress(id, tilesDone + 1);
    }
    expect(seen).toEqual([undefined, 1, 2]);
    expect(changes).toEqual(['progress', 'progress']);
    expect(looks).toBe(1);

    await fail(id);
    expect((await waiting)?.status).toBe('failed');
    expect(changes).toEqual(['progress', 'progress', 'status']);
    expect(looks).toBe(2);
  });
});
