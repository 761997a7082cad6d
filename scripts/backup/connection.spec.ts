import { expect, test } from '@jest/globals';
import { majorOf } from './client-tools.js';
import { databaseOf, libpqEnvironment, withDatabase } from './connection.js';

test('a URL becomes the variables of libpq', () => {
  expect(libpqEnvironment('postgres://ada:s%40fe@db.example:6432/style%20izer')).toEqual({
    PGHOST: 'db.example',
    PGPORT: '6432',
    PGUSER: 'ada',
    PGPASSWORD: 's@fe',
    PGDATABASE: 'style izer',
  });
  const { PGHOST, PGPORT, PGSSLMODE } = libpqEnvironment(
    'postgres://a:b@[::1]/c?sslmode=no-verify',
  );
  expect([PGHOST, PGPORT, PGSSLMODE]).toEqual(['::1', '5432', 'require']);
});

test('a URL of another database on the same server', () => {
  const url = withDatabase('postgres://a:b@host:1/one?sslmode=require', 'two 2');
  expect(url).toBe('postgres://a:b@host:1/two%202?sslmode=require');
  expect(databaseOf(url)).toBe('two 2');
});

test.each([
  ['pg_dump (PostgreSQL) 18.4', 18],
  ['pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', 15],
  ['pg_dump (PostgreSQL) 19beta1', 19],
  ['18.4', 18],
  ['nothing', 0],
])('the major version of %s is %i', (text, major) => {
  expect(majorOf(text)).toBe(major);
});
