import { beforeAll, describe, expect, it } from '@jest/globals';
import { picture } from '../factories/images.js';
import { useTestApp, useUser } from '../support/fixtures.js';

const image = await picture({ width: 32, height: 32 });

interface Page {
  items: { id: string; status: string }[];
  nextCursor: string | null;
}

describe('the list of transformations', () => {
  const app = useTestApp({ worker: false, env: { SIGN_UP_GRANT: '1000' } });
  const user = useUser(app, beforeAll);
  /** Newest first. */
  const ids: string[] = [];

  beforeAll(async () => {
    for (let count = 0; count < 7; count++) await submit();
  });

  const submit = async () => ids.unshift(await user.enqueue(image));
  const page = async (query: string): Promise<Page> =>
    (await user.get(`/v1/transformations?${query}`).expect(200)).body;

  it('is newest first, on one page if it fits', async () => {
    const { items, nextCursor } = await page('limit=100');
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(nextCursor).toBeNull();
    expect((await page(`limit=${ids.length}`)).nextCursor).toBeNull();
  });

  it('returns each one once, even when new ones arrive between pages', async () => {
    const known = [...ids];
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { items, nextCursor }: Page = await page(`limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor;
      await submit();
    }
    expect(seen).toEqual(known);
  });

  it('can be filtered by status', async () => {
    const [newest = '', second = ''] = ids;
    await user.post(`/v1/transformations/${second}/cancel`).expect(200);
    const cancelled = await page('status=cancelled');
    expect(cancelled.items.map(({ id }) => id)).toEqual([second]);
    const pending = await page('status=pending&limit=100');
    expect(pending.items.map(({ id }) => id)).toEqual(ids.filter((id) => id !== second));
    expect(pending.items[0]?.id).toBe(newest);
    expect(await page('status=failed')).toEqual({ items: [], nextCursor: null });
    const first = await page('status=pending&limit=1');
    const next = await page(`status=pending&limit=1&cursor=${first.nextCursor}`);
    expect([first, next].map(({ items }) => items[0]?.id)).toEqual([newest, ids[2]]);
  });

  it('returns each one exactly as GET by id does', async () => {
    const { items } = await page('limit=1');
    const { body } = await user.get(`/v1/transformations/${items[0]?.id}`);
    expect(items[0]).toEqual(body);
  });

  it('has twenty items a page by default', async () => {
    while (ids.length < 21) await submit();
    const { items, nextCursor } = await page('');
    expect(items).toHaveLength(20);
    expect((await page(`cursor=${nextCursor}`)).items.map(({ id }) => id)).toEqual(ids.slice(20));
  });
});
