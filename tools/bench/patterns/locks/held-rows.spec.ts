import { describe, expect, it } from '@jest/globals';
import { heldRows, type StatementEvent } from './held-rows.js';

/** One connection's statements, each a millisecond after the one before. */
function statements(thread: number, database: string, ...texts: string[]): StatementEvent[] {
  return texts.map((text, index) => ({ thread, database, text, endMs: index }));
}

const held = (...events: StatementEvent[]): unknown => Object.fromEntries(heldRows(events, 'account_info'));
const UPDATE = 'UPDATE account_info SET account_balance = 1';

describe('heldRows', () => {
  it('counts from the first statement that locks to the end of the transaction, by database', () => {
    expect(
      held(
        ...statements(
          1,
          'a',
          'START TRANSACTION',
          'INSERT INTO payment VALUES (1)',
          UPDATE,
          UPDATE,
          'COMMIT',
        ),
        ...statements(2, 'b', 'BEGIN', 'SELECT id FROM account_info WHERE id = 1 FOR UPDATE', 'ROLLBACK'),
      ),
    ).toEqual({ a: [2], b: [1] });
  });

  it('holds rows of XA until the second phase', () => {
    expect(
      held(
        ...statements(
          1,
          'a',
          "XA START 'x'",
          UPDATE,
          "XA END 'x'",
          "XA PREPARE 'x'",
          'SELECT 1',
          "XA COMMIT 'x'",
        ),
      ),
    ).toEqual({ a: [4] });
  });

  it('leaves out plain reads, other tables, and what it did not see from beginning to end', () => {
    expect(
      held(
        ...statements(1, 'a', 'BEGIN', 'SELECT * FROM account_info', 'UPDATE payment SET x = 1', 'COMMIT'),
        ...statements(2, 'a', UPDATE, 'COMMIT'),
        ...statements(3, 'a', 'BEGIN', UPDATE),
        ...statements(4, 'a', 'BEGIN', UPDATE, 'BEGIN', 'COMMIT'),
      ),
    ).toEqual({});
  });
});
