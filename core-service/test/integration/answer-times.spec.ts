import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import request from 'supertest';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { sameMean, welchT } from '../support/welch.js';

const TRIES = 200;
/** Equal means fail a test at p = 0.01 once in a hundred times, and three times in a row once in a million. */
const ROUNDS = 3;

const anEmail = () => `${randomUUID()}@example.com`;

describe('the time of an answer tells nothing of whether an address has an account', () => {
  // Each address is used once, so that no limit sets one kind apart.
  const app = useTestApp({
    inference: new FakeInference(),
    // A hash takes far longer than the noise of a busy machine.
    env: { RATE_LIMIT_REGISTER_PER_MINUTE: '1000000', BCRYPT_COST: '6' },
  });
  const known: string[] = [];
  beforeAll(async () => {
    known.push(...Array.from({ length: 2 * ROUNDS * TRIES + 100 }, anEmail));
    await app.dataSource.query(
      `INSERT INTO users (id, email, password_hash)
       SELECT gen_random_uuid(), email, $2 FROM unnest($1::text[]) email`,
      [known, await bcrypt.hash('unknown to all', app.config.BCRYPT_COST)],
    );
    await app.dataSource.query(`ANALYZE users`);
  });

  const routes: [string, (email: string) => object, number][] = [
    ['login', (email) => ({ email, password: 'not the password' }), 401],
    ['password/forgot', (email) => ({ email }), 202],
  ];

  it.each(routes)(
    'of %s',
    async (path, bodyOf, status) => {
      const timeOf = async (email: string) => {
        const started = performance.now();
        await request(app.url).post(`/v1/auth/${path}`).send(bodyOf(email)).expect(status);
        // The logarithm, since a few slow answers would hide everything else.
        return Math.log(performance.now() - started);
      };
      const round = async () => {
        const times = { known: [] as number[], unknown: [] as number[] };
        for (let i = 0; i < TRIES; i++) {
          const pair = ['known', 'unknown'] as const;
          for (const kind of Math.random() < 0.5 ? pair : pair.toReversed())
            times[kind].push(await timeOf(kind === 'known' ? String(known.pop()) : anEmail()));
        }
        return times;
      };
      for (let i = 0; i < 20; i++) await timeOf(i % 2 ? String(known.pop()) : anEmail());
      const found: number[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        const times = await round();
        found.push(welchT(times.known, times.unknown));
        if (sameMean(times.known, times.unknown)) return;
      }
      expect(found).toEqual('a difference that is not significant');
    },
    240_000,
  );
});

describe("Welch's t test", () => {
  const noise = (mean: number) => Array.from({ length: TRIES }, () => mean + Math.random());

  it('tells times that differ by a quarter of their spread', () => {
    expect(sameMean(noise(1), noise(1.25))).toBe(false);
    const same = noise(1);
    expect(sameMean(same, same.toReversed())).toBe(true);
  });
});
