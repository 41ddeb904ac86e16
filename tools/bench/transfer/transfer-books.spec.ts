import { describe, expect, it } from '@jest/globals';
import type { Pool } from 'mysql2/promise';
import { StackError } from '../../stack/stack-error.js';
import type { Side } from './side.js';
import { TransferBooks, type Books } from './transfer-books.js';

const schema = { bank1: 'a', bank2: 'b', debited: 'd', credited: 'c' };
const side = { name: 'ours', schema } as unknown as Side;
const noPool = {} as Pool;
const poolWith = (row: object): Pool => ({ query: () => Promise.resolve([[row], []]) }) as unknown as Pool;

describe('the books of a measured side', () => {
  const before: Books = { debited: 100, credited: 90, open: 0 };
  const check = (debits: number, credits: number, inTables: number): void => {
    const after = { debited: before.debited + debits, credited: before.credited + credits, open: 0 };
    new TransferBooks(noPool, side).assertConserved(before, after, inTables);
  };

  it('are in order when as much was debited as credited, by as many transfers as stand in the tables', () => {
    expect(() => {
      check(5, 5, 5);
    }).not.toThrow();
  });

  it.each([
    ['a credit is missing', 5, 4, 5],
    ['a credit is missing, and its row too', 5, 4, 4],
    ['a credit was made twice', 5, 6, 5],
    ['a debit is missing', 4, 5, 5],
    ['the tables have a transfer that moved nothing', 5, 5, 6],
    ['money moved without a transfer in the tables', 5, 5, 4],
  ])('are not in order when %s', (_what, debits, credits, inTables) => {
    const words = `ours: money came or went: ${debits} transfers' worth was debited, ${credits} transfers' worth credited, and ${inTables} transfers stand in the tables.`;
    expect(() => {
      check(debits, credits, inTables);
    }).toThrow(new StackError(words));
  });

  it('count transfers in what the accounts hold, of which the payers lost as much as the payees got', async () => {
    const books = new TransferBooks(poolWith({ open: 2, money1: '-30.00', money2: '20.00' }), side);
    await expect(books.read()).resolves.toEqual({ debited: 30, credited: 20, open: 2 });
  });

  it('refuse a sum that is not made of whole transfers', async () => {
    const books = new TransferBooks(poolWith({ open: 0, money1: '0.00', money2: '0.50' }), side);
    await expect(books.read()).rejects.toThrow('0.50 is not made of transfers of');
  });
});
