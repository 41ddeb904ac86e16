import { describe, expect, it } from '@jest/globals';
import { problemsOf, type Sample } from './settings-check.js';

const RIGHT: Sample = {
  version: '8.0.33',
  log_bin: 1,
  binlog_format: 'ROW',
  max_allowed_packet: '67108864',
  max_prepared_stmt_count: '16382',
  big_number: '9007199254740993',
  moment_read: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
  moment_sent: '2026-01-02 03:04:05.678',
  text_sent: 'C3A9F0A0AEB7',
  json_read: {},
};

describe('the settings that cannot be pinned per session', () => {
  it('are right where MySQL and driver have their defaults', () => {
    expect(problemsOf(RIGHT)).toEqual([]);
    for (const version of ['8.0.19', '8.0.33-0ubuntu0.22.04.2', '8.4.0', '9.1.0'])
      expect(problemsOf({ ...RIGHT, version })).toEqual([]);
    expect(problemsOf({ ...RIGHT, log_bin: 0, binlog_format: 'STATEMENT' })).toEqual([]);
  });

  it.each<[string, Partial<Sample>, RegExp]>([
    ['an older MySQL', { version: '5.7.44' }, /The database is "5.7.44"; txmsg needs MySQL 8.0.19/],
    ['a MySQL without VALUES ROW', { version: '8.0.18-log' }, /The database is "8.0.18-log"; txmsg needs/],
    ['MariaDB', { version: '11.4.2-MariaDB' }, /MariaDB/],
    ['a binary log of statements', { binlog_format: 'STATEMENT' }, /binlog_format = STATEMENT/],
    ['small packets', { max_allowed_packet: '1048576' }, /max_allowed_packet = 1048576/],
    ['no prepared statements', { max_prepared_stmt_count: '0' }, /max_prepared_stmt_count = 0/],
    ['few prepared statements', { max_prepared_stmt_count: '1023' }, /Set it to 1024 or more/],
    ['BIGINT as a number', { big_number: 9007199254740992 }, /supportBigNumbers/],
    ['dates as text', { moment_read: '2026-01-02 03:04:05.678' }, /dateStrings/],
    ['dates read in local time', { moment_read: new Date(0) }, /timezone to "Z"/],
    ['dates sent in local time', { moment_sent: '2026-01-02 11:04:05.678' }, /timezone to "Z"/],
    ['JSON as text', { json_read: '{}' }, /jsonStrings/],
    ['another character set', { text_sent: 'E93F' }, /does not send text as UTF-8/],
  ])('are refused in one sentence: %s', (_what, changes, sentence) => {
    const problems = problemsOf({ ...RIGHT, ...changes });
    expect(problems).toEqual([expect.stringMatching(sentence)]);
  });
});
