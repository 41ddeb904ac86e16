/**
 * How a column's values are read, written into undo logs and put back. `boolean` is TINYINT(1), which Java takes for one.
 * `unsupported` cannot be put back for certain.
 */
export type ColumnKind =
  | 'integer'
  | 'boolean'
  | 'decimal'
  | 'float'
  | 'double'
  | 'text'
  | 'json'
  | 'binary'
  | 'bit'
  | 'date'
  | 'time'
  | 'datetime'
  | 'timestamp'
  | 'unsupported';

/** A kind, and the number that java.sql.Types gives the type in MySQL's JDBC driver. */
export interface ColumnType {
  readonly kind: ColumnKind;
  readonly jdbcType: number;
}

const type = (kind: ColumnKind, jdbcType: number): ColumnType => ({ kind, jdbcType });

const TYPES: Readonly<Record<string, ColumnType>> = {
  tinyint: type('integer', -6),
  smallint: type('integer', 5),
  mediumint: type('integer', 4),
  int: type('integer', 4),
  bigint: type('integer', -5),
  decimal: type('decimal', 3),
  float: type('float', 7),
  double: type('double', 8),
  char: type('text', 1),
  varchar: type('text', 12),
  tinytext: type('text', 12),
  text: type('text', -1),
  mediumtext: type('text', -1),
  longtext: type('text', -1),
  enum: type('text', 1),
  set: type('text', 1),
  json: type('json', -1),
  binary: type('binary', -2),
  varbinary: type('binary', -3),
  tinyblob: type('binary', -3),
  blob: type('binary', -4),
  mediumblob: type('binary', -4),
  longblob: type('binary', -4),
  bit: type('bit', -7),
  date: type('date', 91),
  time: type('time', 92),
  datetime: type('datetime', 93),
  timestamp: type('timestamp', 93),
};

/** @param dataType - `decimal`; @param columnType - `decimal(19,2) unsigned` */
export function columnTypeOf(dataType: string, columnType: string): ColumnType {
  // MySQL shows such numbers with zeros in front, which JSON does not know, and Java without.
  if (/\bzerofill\b/i.test(columnType)) return type('unsupported', 1111);
  if (columnType.toLowerCase() === 'tinyint(1)') return type('boolean', -7);
  return TYPES[dataType.toLowerCase()] ?? type('unsupported', 1111);
}
