import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { UndoLogDamagedError, UndoLogForeignError } from '../../errors/at.errors.js';
import { sameValue } from '../image/at-value.js';
import type { Image, UndoEntry } from '../image/image.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';
import { columnTypeOf } from '../table/column-kind.js';
import { javaValueText } from './java-value.writer.js';
import { valueOfJava } from './java-value.reader.js';
import { parse } from 'lossless-json';
import { undoLogContent } from './undo-log.content.js';
import { readUndoLog } from './undo-log.reader.js';
import { undoLogText } from './undo-log.writer.js';

const column = (name: string, typeText: string, isPrimaryKey = false): ColumnMetadata => ({
  ...{ name, typeText, isPrimaryKey, isAutoIncrement: false, isGenerated: false, isOnUpdate: false },
  ...columnTypeOf(/^\w+/.exec(typeText)?.[0] ?? '', typeText),
});
const columns = [
  column('id', 'bigint', true),
  column('balance', 'decimal(19,2)'),
  column('note', 'varchar(9)'),
];
const columnAt = (index: number): ColumnMetadata => columns[index] ?? column('none', 'int');
const table: TableMetadata = {
  ...{ name: 'purse', columns, primaryKey: columns.slice(0, 1), obstacles: [], fingerprint: '' },
};
const image = (...rows: Image['rows']): Image => ({ table, columns, rows });
const entries: UndoEntry[] = [
  {
    sqlType: 'UPDATE',
    before: image(['9007199254740993', '100.00', null]),
    after: image(['9007199254740993', '98.00', 'a"b\\']),
  },
  { sqlType: 'INSERT', before: image(), after: image(['2', '0.00', '']) },
];
const XID = '10.0.0.1:8091:27';
const BRANCH = 36_028_797_018_963_969n;
const text = undoLogText(XID, BRANCH, entries, 'UTC');

describe('an undo log', () => {
  it("is written as Java's jackson serializer writes it", () => {
    const struct = 'io.seata.rm.datasource.sql.struct';
    const field = (name: string, key: string, type: number, value: string): string =>
      `{"@class":"${struct}.Field","name":"${name}","keyType":"${key}","type":${type},"value":${value}}`;
    expect(text).toContain(
      `{"@class":"io.seata.rm.datasource.undo.BranchUndoLog","xid":"${XID}","branchId":36028797018963969,` +
        '"sqlUndoLogs":["java.util.ArrayList",[{"@class":"io.seata.rm.datasource.undo.SQLUndoLog","sqlType":"UPDATE",' +
        `"tableName":"\`purse\`","beforeImage":{"@class":"${struct}.TableRecords","tableName":"purse",` +
        `"rows":["java.util.ArrayList",[{"@class":"${struct}.Row","fields":["java.util.ArrayList",[` +
        `${field('id', 'PRIMARY_KEY', -5, '["java.lang.Long",9007199254740993]')},` +
        `${field('balance', 'NULL', 3, '["java.math.BigDecimal",100.00]')},${field('note', 'NULL', 12, 'null')}]]}]]}`,
    );
    expect(text).toContain(
      `"sqlType":"INSERT","tableName":"\`purse\`","beforeImage":{"@class":"${struct}.TableRecords$EmptyTableRecords",` +
        '"tableName":"purse","rows":["java.util.ArrayList",[]]}',
    );
  });

  it('is read again without the loss of a digit', () => {
    const [update, insert] = readUndoLog(Buffer.from(text), XID, String(BRANCH));
    expect(update).toMatchObject({ sqlType: 'UPDATE', schema: undefined, tableName: 'purse' });
    const values = update?.before[0]?.map(({ value }, index) => valueOfJava(columnAt(index), value, 'UTC'));
    expect(values).toEqual(['9007199254740993', '100.00', null]);
    expect(insert?.before).toEqual([]);
    expect(insert?.after[0]?.[0]).toMatchObject({ name: 'id', jdbcType: -5 });
  });

  it.each([
    ['purse', undefined, 'purse'],
    ['db2.purse', 'db2', 'purse'],
    ['`db2`.`purse`', 'db2', 'purse'],
    ['`db.2`.`pu``rse`', 'db.2', 'pu`rse'],
    ['`a.b`', undefined, 'a.b'],
  ])('names its table and the database of that as Java writes them: %s', (written, schema, tableName) => {
    const content = Buffer.from(text.replace('"`purse`"', JSON.stringify(written)));
    expect(readUndoLog(content, XID, String(BRANCH))[0]).toMatchObject({ schema, tableName });
  });

  it('is read when Java has compressed it', () => {
    const content = Buffer.from(text.repeat(20));
    const zipped = Buffer.concat([
      // A local file header of an entry "zip" whose sizes come after its data, and a piece of what follows.
      Buffer.from('504b03041400080808000000000000000000000000000000000003000000', 'hex'),
      Buffer.from('zip'),
      deflateRawSync(content),
      Buffer.from('504b0708deadbeef0000000000000000504b0102', 'hex'),
    ]);
    expect(undoLogContent('serializer=jackson&compressorType=ZIP', zipped)).toEqual(content);
    expect(undoLogContent('compressorType=GZIP&serializer=jackson', gzipSync(content))).toEqual(content);
    expect(undoLogContent('serializer=jackson', content)).toBe(content);
  });

  it('is left to others when they alone can read it, and refused when nobody can', () => {
    for (const context of ['serializer=kryo', 'serializer=jackson&compressorType=LZ4']) {
      expect(() => undoLogContent(context, Buffer.from(text))).toThrow(UndoLogForeignError);
    }
    for (const type of ['ZIP', 'GZIP', 'DEFLATER']) {
      expect(() => undoLogContent(`compressorType=${type}`, Buffer.from('PK'))).toThrow(UndoLogDamagedError);
    }
    const damaged = [
      ['"sqlType":"UPDATE"', '"sqlType":"MERGE"'],
      ['"tableName":"`purse`"', '"tableName":"a.b.purse"'],
      ['"branchId":36028797018963969', '"branchId":36028797018963968'],
      [XID, '10.0.0.1:8091:28'],
      ['"java.util.ArrayList",[{', '[{'],
      ['"type":-5', '"type":"x"'],
      ['"value":null', '"valu":null'],
    ] as const;
    for (const [good, bad] of damaged) {
      const content = Buffer.from(text.replace(good, bad));
      expect(() => readUndoLog(content, XID, String(BRANCH))).toThrow(UndoLogDamagedError);
    }
    for (let length = 0; length < text.length; length += 7) {
      expect(() => readUndoLog(Buffer.from(text.slice(0, length)), XID, String(BRANCH))).toThrow(
        UndoLogDamagedError,
      );
    }
  });
});

describe('a value in an undo log', () => {
  it.each([
    ['tinyint', '-128', '-128'],
    ['tinyint(1)', '1', 'true'],
    ['int unsigned', '4294967295', '["java.lang.Long",4294967295]'],
    ['bigint unsigned', '18446744073709551615', '["java.math.BigInteger",18446744073709551615]'],
    ['float', '0.10000000149011612', '["java.lang.Float",0.1]'],
    ['double', '5', '5.0'],
    ['double', '1e300', '1e+300'],
    ['blob', '00ff', '["[B","AP8="]'],
    ['bit(1)', '1', 'true'],
    ['bit(9)', '341', '["[B","AVU="]'],
    ['date', '2026-11-27', '["java.sql.Date",1795755600000]'],
    ['time', '23:59:59', '["java.sql.Time","23:59:59"]'],
    ['datetime(6)', '2026-11-27 09:10:11.120000', '["java.time.LocalDateTime",1795788611120]'],
    ['datetime(6)', '2026-11-27 09:10:11.120034', '["java.time.LocalDateTime",[1795788611120,120034000]]'],
    ['timestamp', '2026-11-27 09:10:11', '["java.sql.Timestamp",1795770611000]'],
    ['json', '{"a": 1}', '"{\\"a\\": 1}"'],
  ])('%s %s is what Java writes and reads', (typeText, value, written) => {
    const zone = 'America/New_York';
    const one = column('c', typeText);
    expect(javaValueText(one, value, zone)).toBe(written);
    const read = valueOfJava(one, parse(written), zone);
    expect(sameValue(one.kind, read, value)).toBe(true);
  });

  it('of Java may have an exponent, or come in the class of another driver', () => {
    const decimal = column('c', 'decimal(30,10)');
    const read = (one: ColumnMetadata, json: string): unknown =>
      valueOfJava(one, parse(json), 'Asia/Shanghai');
    expect(read(decimal, '["java.math.BigDecimal",1.5E-7]')).toBe('0.00000015');
    expect(read(decimal, '["java.math.BigDecimal",-12E+3]')).toBe('-12000');
    expect(read(column('c', 'datetime'), '["java.sql.Timestamp",0]')).toBe('1970-01-01 08:00:00.000000');
    expect(read(column('c', 'blob'), '["javax.sql.rowset.serial.SerialBlob","AP8="]')).toBe('00ff');
    expect(read(column('c', 'date'), '["java.sql.Date","2026-11-27"]')).toBe('2026-11-27');
    for (const json of ['"x"', '["java.lang.Long","1"]', 'true', '["java.math.BigDecimal",1e999999999]']) {
      expect(() => read(decimal, json)).toThrow();
    }
  });

  it('is refused for a time of day that the clocks of the zone leave out or show twice', () => {
    const one = column('c', 'datetime');
    expect(() => javaValueText(one, '2026-03-08 02:30:00', 'America/New_York')).toThrow(/exactly once/);
    expect(() => javaValueText(one, '2026-11-01 01:30:00', 'America/New_York')).toThrow(/exactly once/);
    expect(javaValueText(one, '2026-11-01 01:30:00', 'UTC')).toContain('LocalDateTime');
  });
});
