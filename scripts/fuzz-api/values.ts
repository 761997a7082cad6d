import type { Random } from '../fuzz/random.js';
import type { Schema } from './routes.js';

/** Fields that no client may set. */
export const FORBIDDEN_FIELDS = [
  ...['tokens', 'role', 'userId', 'user_id', 'id', 'balance', 'price', 'emailVerified', 'scopes'],
  ...['__proto__', 'constructor', 'prototype', 'toString', '$where', 'is_admin', ''],
] as const;

/** Texts that broke something somewhere. */
const TEXTS = [
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '\udfff\ud800', '\ufeff', '\u202e\u0661\u0662'],
  ...['null', 'undefined', 'NaN', 'true', '-1', '1e309', '0x10', '9'.repeat(400), '٣', '１２'],
  ...["' OR 1=1 --", '"; DROP TABLE users; --', '$1', '%s%n%x', '${7*7}', '{{7*7}}', '`id`'],
  ...['../../etc/passwd', '..%2f..%2fetc%2fpasswd', 'C:\\boot.ini', 'file:///etc/passwd'],
  ...['<script>alert(1)</script>', 'javascript:alert(1)', 'a\r\nSet-Cookie: x=y', 'a\nb', '\t'],
  ...[
    'ａda@example.org',
    'ada@exаmple.org',
    'ada@example.org\u0000',
    'ADA@EXAMPLE.ORG',
    'ﬁ@ex.org',
  ],
  ...['a@b', 'a@b..c', '"a b"@example.org', `${'a'.repeat(64)}@${'b'.repeat(63)}.org`, 'ß@ß.de'],
  ...['http://169.254.169.254/', 'http://localhost:1', 'http://[::1]/', 'gopher://x', '//evil'],
  ...['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ...[
    '2026-02-30',
    '0000-00-00T00:00:00Z',
    '275760-09-13T00:00:00.001Z',
    '-000001-01-01T00:00:00Z',
  ],
  ...['Z\u0335\u0321a\u0334l\u0337'.repeat(30), '\u{1f468}\u200d\u{1f469}'.repeat(50), 'İ', 'ǅ'],
] as const;

const NUMBERS = [
  ...[0, -0, -1, 1, 0.1, 1.5, -1e-7, 1e21, 1e308, 2 ** 31, 2 ** 31 - 1, -(2 ** 31) - 1, 2 ** 53],
  ...[2 ** 53 + 2, 2 ** 63, 2 ** 64, -(2 ** 63), 100, 101, 65_536],
] as const;

const LONG = 1_000_000;

/** Something that does not belong there. */
export function hostile(random: Random, depth = 0): unknown {
  switch (random.below(depth > 2 ? 4 : 8)) {
    case 0:
    case 1:
      return random.pick(TEXTS);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return random.pick([null, true, false, [], {}] as const);
    case 4:
      return Array.from({ length: random.below(5) }, () => hostile(random, depth + 1));
    case 5:
      return { [String(random.pick(FORBIDDEN_FIELDS))]: hostile(random, depth + 1) };
    case 6:
      return random.bytes(1 + random.below(60)).toString('utf8');
    default:
      return 'x'.repeat(random.chance(0.02) ? LONG : random.below(3_000));
  }
}

export const hostileText = (random: Random): string => {
  const value = hostile(random, 3);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** A value as the schema wants it, roughly; deeper down the same. */
export function fitting(random: Random, schema: Schema): unknown {
  const { example, properties, items } = schema;
  const one = schema.oneOf ?? schema.anyOf;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum?.length) return schema.enum[random.below(schema.enum.length)];
  if (one?.length) return fitting(random, one[random.below(one.length)] as Schema);
  if (properties) {
    const whole = Object.entries(properties).filter(() => random.chance(0.9));
    return Object.fromEntries(whole.map(([name, of]) => [name, fitting(random, of)]));
  }
  if (example !== undefined && random.chance(0.8)) return example;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = minimum + 1_000 } = schema;
      const value = minimum + (random.next() / 2 ** 32) * Math.min(maximum - minimum, 1e6);
      return type === 'integer' ? Math.round(value) : value;
    }
    case 'boolean':
      return random.chance(0.5);
    case 'array':
      return Array.from({ length: random.below(4) }, () => fitting(random, items ?? {}));
    case 'object':
      return {};
    default:
      return schema.format === 'uuid' ? uuid(random) : `text ${random.below(1_000)}`;
  }
}

/** The value with one to three things in it made wrong. */
export function spoiled(random: Random, value: unknown): unknown {
  let result = structuredClone(value);
  for (let i = 1 + random.below(3); i > 0; i--) result = spoiledOnce(random, result);
  return result;
}

function spoiledOnce(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return hostile(random);
  const keys = Object.keys(value);
  const key = keys[random.below(keys.length)];
  const record = value as Record<string, unknown>;
  switch (random.below(4)) {
    case 0:
      if (key !== undefined) Reflect.deleteProperty(record, key);
      return record;
    case 1:
      // As a property of its own, so that JSON.stringify writes even `__proto__`.
      Object.defineProperty(record, random.pick(FORBIDDEN_FIELDS), {
        ...{ value: hostile(random), enumerable: true, configurable: true, writable: true },
      });
      return record;
    default:
      if (key !== undefined) record[key] = spoiledOnce(random, record[key]);
      return record;
  }
}

export function uuid(random: Random): string {
  const hex = random.bytes(16).toString('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-7$3-8$4-$5');
}
