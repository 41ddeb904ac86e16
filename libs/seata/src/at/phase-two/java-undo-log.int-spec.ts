import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AtService, createAtDatabase } from '../../../test/at-service.js';
import type { PhaseTwoAnswer } from '../../rm/branch.js';

const TABLES = `
  CREATE TABLE meeting (starts DATETIME, seen TIMESTAMP(3), room INT, n INT, PRIMARY KEY (starts, seen, room));
  CREATE TABLE alarm (rings TIME(3) PRIMARY KEY, n INT);
  CREATE TABLE flagged (id INT PRIMARY KEY, is_open TINYINT(1));
  CREATE TABLE place (id INT PRIMARY KEY, year_of YEAR, padded INT(5) ZEROFILL, day DATE);
`;

/** A name, a type of java.sql.Types, and a value as Java's jackson serializer writes it. */
type Field = readonly [string, number, string];

const image = (rows: readonly (readonly Field[])[]): string => {
  const list = (items: readonly string[]): string => `["java.util.ArrayList",[${items.join(',')}]]`;
  const fieldText = ([name, type, value]: Field): string =>
    `{"name":"${name}","type":${type},"value":${value}}`;
  return `{"rows":${list(rows.map((fields) => `{"fields":${list(fields.map(fieldText))}}`))}}`;
};

interface Change {
  readonly tableName: string;
  readonly before?: readonly (readonly Field[])[];
  readonly after: readonly (readonly Field[])[];
}

describe('the rollback of what a Java service has changed, on MySQL', () => {
  let service: AtService;
  let database: string;
  let branches = 0;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const url = await createAtDatabase('java_undo', TABLES);
    database = new URL(url).pathname.slice(1);
    service = await AtService.start(url, { javaTimeZone: 'UTC' });
  });
  afterAll(async () => {
    await service.close();
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    for (const table of ['meeting', 'alarm', 'flagged', 'place', 'undo_log'])
      await service.query(`DELETE FROM ${table}`);
  });

  /** Rolls back a branch whose change is in its table already: an INSERT when there is nothing before. */
  const rollback = async ({ tableName, before = [], after }: Change): Promise<PhaseTwoAnswer> => {
    branches += 1;
    const xid = `10.0.0.1:8091:${branches}`;
    const sqlType = before.length === 0 ? 'INSERT' : 'UPDATE';
    const change = `{"sqlType":"${sqlType}","tableName":"${tableName}","beforeImage":${image(before)},"afterImage":${image(after)}}`;
    const log = `{"xid":"${xid}","branchId":${branches},"sqlUndoLogs":["java.util.ArrayList",[${change}]]}`;
    await service.query(
      `INSERT INTO undo_log (branch_id, xid, context, rollback_info, log_status, log_created, log_modified)
       VALUES (?, ?, 'serializer=jackson&compressorType=NONE', ?, 0, NOW(6), NOW(6))`,
      [branches, xid, Buffer.from(log)],
    );
    const { resourceId } = service.resource;
    const branch = { xid, branchId: BigInt(branches), branchType: 'AT', applicationData: '' } as const;
    return service.rollback({ ...branch, resourceId });
  };

  it('finds rows by DATETIME and TIMESTAMP in their keys', async () => {
    await service.query(`INSERT INTO meeting VALUES ('2026-11-27 09:10:11', '2026-11-27 09:10:11.120', 1, 6),
      ('2026-11-27 10:00:00', '2026-11-27 10:00:00', 2, 8)`);
    const [first, second] = [Date.parse('2026-11-27T09:10:11Z'), Date.parse('2026-11-27T10:00:00Z')];
    const row = (ms: number, seen: string, room: number, n: number): Field[] => [
      ['starts', 93, `["java.time.LocalDateTime",${ms}]`],
      ['seen', 93, `["java.sql.Timestamp",${seen}]`],
      ['room', 4, String(room)],
      ['n', 4, String(n)],
    ];
    const rows = (change: number): Field[][] => [
      row(first, `[${first + 120},120000000]`, 1, 5 + change),
      row(second, String(second), 2, 7 + change),
    ];
    expect(await rollback({ tableName: 'meeting', before: rows(0), after: rows(1) })).toBe('DONE');
    expect(await service.query('SELECT room, n FROM meeting ORDER BY room')).toEqual([
      { room: 1, n: 5 },
      { room: 2, n: 7 },
    ]);
  });

  it('finds rows by a TIME with parts of a second as their key', async () => {
    await service.query("INSERT INTO alarm VALUES ('09:10:11', 6), ('10:00:00', 8)");
    const row = (rings: string, n: number): Field[] => [
      ['rings', 92, `["java.sql.Time","${rings}"]`],
      ['n', 4, String(n)],
    ];
    const rows = (change: number): Field[][] => [row('09:10:11', 5 + change), row('10:00:00', 7 + change)];
    expect(await rollback({ tableName: 'alarm', before: rows(0), after: rows(1) })).toBe('DONE');
    expect(await service.query('SELECT n FROM alarm ORDER BY n')).toEqual([{ n: 5 }, { n: 7 }]);
  });

  const flagged = (type: number, value: string): Field[][] => [
    [
      ['id', 4, '1'],
      ['is_open', type, value],
    ],
  ];

  it.each([
    [-7, 'false', 'true'],
    [16, 'false', 'true'],
    [-6, '0', '1'],
  ])('puts a TINYINT(1) back that Java wrote with the JDBC type %d', async (type, before, after) => {
    await service.query('INSERT INTO flagged VALUES (1, 1)');
    const change = { before: flagged(type, before), after: flagged(type, after) };
    expect(await rollback({ tableName: 'flagged', ...change })).toBe('DONE');
    expect(await service.query('SELECT is_open FROM flagged')).toEqual([{ is_open: 0 }]);
  });

  it.each<[string, Field]>([
    ['year_of = 2026', ['year_of', 91, '["java.sql.Date",1767225600000]']],
    ['padded = 5', ['padded', 4, '5']],
    ["day = '1492-10-12'", ['day', 91, '["java.sql.Date","1492-10-12"]']],
  ])('is left to Java for a value that AT refuses here: %s', async (assignment, field) => {
    await service.query(`INSERT INTO place SET id = 1, ${assignment}`);
    expect(await rollback({ tableName: 'place', after: [[['id', 4, '1'], field]] })).toBe('RETRY');
    expect(await service.query('SELECT id FROM place')).toEqual([{ id: 1 }]);
    expect(await service.undoLogs()).toEqual([0]);
  });

  it('is left to Java for a table of another database, and never done to one of the same name here', async () => {
    await service.query('INSERT INTO flagged VALUES (1, 1)');
    const change = { before: flagged(-7, 'false'), after: flagged(-7, 'true') };
    expect(await rollback({ tableName: '`elsewhere`.`flagged`', ...change })).toBe('RETRY');
    expect(await service.query('SELECT is_open FROM flagged')).toEqual([{ is_open: 1 }]);
    expect(await rollback({ tableName: `${database}.flagged`, ...change })).toBe('DONE');
    expect(await service.query('SELECT is_open FROM flagged')).toEqual([{ is_open: 0 }]);
  });
});
