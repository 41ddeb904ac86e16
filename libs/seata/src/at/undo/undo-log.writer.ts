import { AtValueRefusedError } from '../../errors/at.errors.js';
import type { Image, ImageRow, UndoEntry } from '../image/image.js';
import { quotedName } from '../sql/row-selection.js';
import { javaValueText } from './java-value.writer.js';

/** What the column `context` says of a row that this library writes. */
export const UNDO_LOG_CONTEXT = 'serializer=jackson&compressorType=NONE';
/** What a marker holds instead of an undo log, as Java writes it. */
export const MARKER_CONTENT = '{}';

const STRUCT = 'io.seata.rm.datasource.sql.struct';

/**
 * An undo log as Java's `jackson` serializer writes it. The text is put together by hand: JSON.stringify would write the
 * numbers of ids and amounts with 16 digits at most.
 * @param zone - the time zone of the JVMs
 * @throws AtValueRefusedError
 */
export function undoLogText(
  xid: string,
  branchId: bigint,
  entries: readonly UndoEntry[],
  zone: string,
): string {
  const logs = entries.map(
    ({ sqlType, before, after }) =>
      `{"@class":"io.seata.rm.datasource.undo.SQLUndoLog","sqlType":"${sqlType}",` +
      `"tableName":${JSON.stringify(quotedName(before.table.name))},` +
      `"beforeImage":${recordsText(before, zone)},"afterImage":${recordsText(after, zone)}}`,
  );
  return (
    `{"@class":"io.seata.rm.datasource.undo.BranchUndoLog","xid":${JSON.stringify(xid)},` +
    `"branchId":${branchId},"sqlUndoLogs":${listText(logs)}}`
  );
}

const listText = (items: readonly string[]): string => `["java.util.ArrayList",[${items.join(',')}]]`;

function recordsText(image: Image, zone: string): string {
  // Java has a class of its own for the image that an INSERT has before, and a DELETE after.
  const className = image.rows.length === 0 ? 'TableRecords$EmptyTableRecords' : 'TableRecords';
  const rows = image.rows.map((row) => rowText(image, row, zone));
  return `{"@class":"${STRUCT}.${className}","tableName":${JSON.stringify(image.table.name)},"rows":${listText(rows)}}`;
}

function rowText({ table, columns }: Image, row: ImageRow, zone: string): string {
  const fields = columns.map((column, index) => {
    try {
      const value = javaValueText(column, row[index] ?? null, zone);
      return (
        `{"@class":"${STRUCT}.Field","name":${JSON.stringify(column.name)},` +
        `"keyType":"${column.isPrimaryKey ? 'PRIMARY_KEY' : 'NULL'}","type":${column.jdbcType},"value":${value}}`
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AtValueRefusedError(table.name, column.name, reason);
    }
  });
  return `{"@class":"${STRUCT}.Row","fields":${listText(fields)}}`;
}
