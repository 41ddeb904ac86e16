/** What MySQL says of a statement that changes rows. */
export interface ResultHeader {
  readonly affectedRows: number;
  /** The first key that AUTO_INCREMENT gave, in digits; `0` when it gave none. */
  readonly insertId: string;
  /** `Rows matched: 1  Changed: 0  Warnings: 0`, of an UPDATE. */
  readonly info: string;
}

interface RawHeader {
  readonly affectedRows?: number;
  readonly insertId?: number | string;
  readonly info?: string;
}

/** The header in mysql2's answer, or in what TypeORM makes of it. */
export function headerOf(answer: unknown): ResultHeader {
  const raw = typeof answer === 'object' && answer !== null && 'raw' in answer ? answer.raw : answer;
  const header = (raw ?? {}) as RawHeader;
  return {
    affectedRows: header.affectedRows ?? 0,
    insertId: String(header.insertId ?? '0'),
    info: header.info ?? '',
  };
}

/** How many rows a statement met; `affectedRows` of an UPDATE leaves out those that it changed to what they were. */
export function matchedRows({ affectedRows, info }: ResultHeader, kind: 'UPDATE' | 'DELETE'): number {
  const matched = kind === 'UPDATE' ? /matched:\s*(\d+)/.exec(info)?.[1] : undefined;
  return matched === undefined ? affectedRows : Number(matched);
}
