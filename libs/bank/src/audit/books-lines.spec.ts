import { describe, expect, it } from '@jest/globals';
import { AuditUnreadableError } from './audit.error.js';
import { booksLines, BooksOfLines } from './books-lines.js';
import type { AccountsReading, BookedTransfer, Books } from './books.js';

const accounts: AccountsReading = {
  opening: '10000.00',
  balance: '-9.99',
  wrongCount: 1,
  wrong: [{ accountNo: '1', present: null, due: '0.00' }],
};
const transfers = Array.from({ length: 450 }, (_, index): BookedTransfer => {
  return {
    txNo: `t-${index}`,
    accountNo: '1',
    toAccountNo: '2',
    amount: '90071992547409.93',
    state: 'CREDITED',
  };
});
const books: Books = {
  readAccounts: () => Promise.resolve(accounts),
  transfers: () => from(transfers),
};

async function* from<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const item of items) yield await Promise.resolve(item);
}

async function linesOf(of: Books = books): Promise<string[]> {
  let text = '';
  for await (const chunk of booksLines('bank2', of)) text += chunk;
  return text.trimEnd().split('\n');
}

const read = (lines: readonly string[]): Promise<BooksOfLines> =>
  BooksOfLines.open('bank2', from(lines), () => undefined);

async function readAll(lines: readonly string[]): Promise<BookedTransfer[]> {
  const all: BookedTransfer[] = [];
  for await (const transfer of (await read(lines)).transfers()) all.push(transfer);
  return all;
}

describe('books as lines', () => {
  it('arrive as they were sent', async () => {
    const lines = await linesOf();
    expect(await (await read(lines)).readAccounts()).toEqual(accounts);
    expect(await readAll(lines)).toEqual(transfers);
    expect(await readAll(await linesOf({ ...books, transfers: () => from([]) }))).toEqual([]);
  });

  it('say first of all that they have begun', async () => {
    const lines = booksLines('bank2', { ...books, readAccounts: () => new Promise(() => undefined) });
    expect((await lines.next()).value).toBe('{"books":"bank2"}\n');
  });

  it.each([
    ['broke off', (lines: string[]) => lines.slice(0, -1)],
    ['broke off within a line', (lines: string[]) => [...lines.slice(0, 9), lines[9]?.slice(0, 5) ?? '']],
    ['lost a line', (lines: string[]) => lines.toSpliced(7, 1)],
    ['are of another bank', (lines: string[]) => ['{"books":"bank1"}', ...lines.slice(1)]],
    ['are no books', () => ['<html>']],
    ['are empty', () => []],
    ['have no accounts', (lines: string[]) => lines.toSpliced(1, 1)],
    [
      'have a number for an amount',
      (lines: string[]) => lines.toSpliced(2, 0, '["t","1","2",1.00,"CREDITED"]'),
    ],
    [
      'have an amount that is none',
      (lines: string[]) => lines.toSpliced(2, 0, '["t","1","2","1","CREDITED"]'),
    ],
  ])('are no verdict when they %s', async (_what, damage) => {
    await expect(readAll(damage(await linesOf()))).rejects.toBeInstanceOf(AuditUnreadableError);
  });
});
