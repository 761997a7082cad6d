import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { keepNewRelicDiscreet } from './new-relic.js';

/** The settings that the agent makes of an environment, in a process of its own, since it reads them once. */
function settingsOf(env: Record<string, string>) {
  const read = `
    const { attributes, application_logging, transaction_tracer, slow_sql, allow_all_headers,
            strip_exception_messages } = require('newrelic/lib/config').createInstance();
    console.log('settings:' + JSON.stringify({ exclude: attributes.exclude,
      forwarding: application_logging.forwarding.enabled, sql: transaction_tracer.record_sql,
      slowSql: slow_sql.enabled, allHeaders: allow_all_headers,
      messages: !strip_exception_messages.enabled }));`;
  const output = execFileSync(process.execPath, ['-e', read], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, NEW_RELIC_LOG_ENABLED: 'false', ...env },
  });
  return JSON.parse(/settings:(.+)/.exec(output)?.[1] ?? '{}');
}

describe('the New Relic agent', () => {
  it('sends no log lines, headers, parameters, SQL or messages of errors', () => {
    const env: Record<string, string> = {};
    keepNewRelicDiscreet(env);
    expect(settingsOf(env)).toEqual({
      exclude: expect.arrayContaining(['request.headers.*', 'request.parameters.*']),
      forwarding: false,
      sql: 'off',
      slowSql: false,
      allHeaders: false,
      messages: false,
    });
  });

  it('would send them without our settings, so that they are needed', () => {
    expect(settingsOf({ NEW_RELIC_APP_NAME: 'x' })).toMatchObject({
      forwarding: true,
      sql: 'obfuscated',
      messages: true,
    });
  });

  it('obeys an operator who wants otherwise', () => {
    const env: Record<string, string> = { NEW_RELIC_RECORD_SQL: 'obfuscated' };
    keepNewRelicDiscreet(env);
    expect(settingsOf(env)).toMatchObject({ sql: 'obfuscated', forwarding: false });
  });
});
