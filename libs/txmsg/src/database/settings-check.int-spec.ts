import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CONNECT_TIMEOUT_MS, createLibraryDatabase } from '../../test/library-database.js';
import { mysqlDataSourceOptions } from './mysql-data-source-options.js';
import { checkSettings } from './settings-check.js';

describe('checkSettings', () => {
  let url: string;
  let dataSource: DataSource | undefined;

  beforeAll(async () => {
    url = await createLibraryDatabase('settings_check');
  });
  afterEach(async () => {
    await dataSource?.destroy();
    dataSource = undefined;
  });

  async function check(changes: object, extra: object = {}): Promise<string[]> {
    const own = mysqlDataSourceOptions(url, { connectionLimit: 1, connectTimeoutMs: CONNECT_TIMEOUT_MS });
    const options = { ...own, ...changes, extra: { ...(own.extra as object), ...extra } };
    dataSource = await new DataSource(options).initialize();
    return checkSettings(dataSource);
  }

  it('finds nothing wrong with what mysqlDataSourceOptions makes', async () => {
    expect(await check({})).toEqual([]);
  });

  it('finds nothing wrong with another charset, which the session puts right for driver and server', async () => {
    expect(await check({ charset: 'latin1' })).toEqual([]);
  });

  it('takes a driver for right by what it does', async () => {
    expect(await check({ driver: undefined }, { namedPlaceholders: true, multipleStatements: true })).toEqual(
      [],
    );
  });

  it.each([
    ['resetOnRelease', {}, { resetOnRelease: true }, /resetOnRelease/],
    ['bigNumberStrings', { bigNumberStrings: false, supportBigNumbers: false }, {}, /BIGINT/],
    ['dateStrings', { dateStrings: true }, {}, /DATETIME/],
    ['timezone', { timezone: '+05:00' }, {}, /timezone/],
    ['queryFormat', {}, { queryFormat: (sql: string) => sql.replaceAll('?', "'x'") }, /UTC|UTF-8/],
    ['jsonStrings', {}, { jsonStrings: true }, /JSON as text/],
    ['typeCast', {}, { typeCast: bigNumbersAsNumbers }, /BIGINT/],
  ])('refuses a wrong %s in a sentence', async (_name, changes, extra, sentence) => {
    expect(await check(changes, extra)).toContainEqual(expect.stringMatching(sentence));
  });
});

function bigNumbersAsNumbers(field: { type: string; string(): string }, next: () => unknown): unknown {
  return field.type === 'LONGLONG' ? Number(field.string()) : next();
}
