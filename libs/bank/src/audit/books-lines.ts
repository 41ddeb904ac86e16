import { AuditUnreadableError } from './audit.error.js';
import type { AccountsReading, BankName, BookedTransfer, Books, OpenBooks, WrongAccount } from './books.js';

/** Transfers that travel in one piece. */
const CHUNK_SIZE = 200;

/**
 * Books as lines of JSON (NDJSON), for a reader that has no access to the database: which bank's they are, the
 * accounts, a line for every transfer, and how many there were, so that a stream that broke off cannot be mistaken
 * for a whole one. The first line says that the snapshot has been taken.
 */
export async function* booksLines(bank: BankName, books: Books): AsyncGenerator<string> {
  yield line({ books: bank });
  yield line({ accounts: await books.readAccounts() });
  let count = 0;
  let chunk = '';
  for await (const { txNo, accountNo, toAccountNo, amount, state } of books.transfers()) {
    count += 1;
    chunk += line([txNo, accountNo, toAccountNo, amount, state]);
    if (count % CHUNK_SIZE > 0) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk + line({ end: count });
}

/** The other end of `booksLines`: one pass over lines that come from elsewhere, and of which none is trusted. */
export class BooksOfLines implements OpenBooks {
  private accounts: AccountsReading | undefined;

  private constructor(
    private readonly lines: AsyncIterator<string>,
    private readonly release: () => void,
  ) {}

  /**
   * Returns when the first line is there, and so the other bank's snapshot has been taken.
   *
   * @param release - ends the stream
   * @throws AuditUnreadableError
   */
  static async open(
    bank: BankName,
    lines: AsyncIterable<string>,
    release: () => void,
  ): Promise<BooksOfLines> {
    const books = new BooksOfLines(lines[Symbol.asyncIterator](), release);
    const { books: of } = (await books.next()) as { books?: unknown };
    if (of !== bank) throw new AuditUnreadableError(`The books of ${bank} were expected, not ${String(of)}.`);
    return books;
  }

  async readAccounts(): Promise<AccountsReading> {
    this.accounts ??= accountsOf(await this.next());
    return this.accounts;
  }

  async *transfers(): AsyncGenerator<BookedTransfer> {
    await this.readAccounts();
    for (let count = 0; ; count++) {
      const value = await this.next();
      if (Array.isArray(value)) {
        yield transferOf(value);
        continue;
      }
      const { end } = value as { end?: unknown };
      if (end !== count) throw new AuditUnreadableError(`${count} transfers came, and not ${String(end)}.`);
      return;
    }
  }

  close(): void {
    this.release();
  }

  private async next(): Promise<object> {
    const next = await this.lines.next();
    if (next.done === true) throw new AuditUnreadableError('The books broke off before their end.');
    try {
      const parsed: unknown = JSON.parse(next.value);
      if (typeof parsed === 'object' && parsed !== null) return parsed;
    } catch {
      // Named below.
    }
    throw new AuditUnreadableError(`The books have a line that is none: ${next.value.slice(0, 100)}`);
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function transferOf(value: readonly unknown[]): BookedTransfer {
  const [txNo, accountNo, toAccountNo, amount, state] = value;
  if (!value.every((field) => typeof field === 'string') || !isMoney(amount)) throw unfit(value);
  return { txNo, accountNo, toAccountNo, amount, state } as BookedTransfer;
}

function accountsOf(value: object): AccountsReading {
  const { accounts } = value as { accounts?: Partial<AccountsReading> };
  const { opening, balance, wrongCount, wrong } = accounts ?? {};
  const isFit =
    isMoney(opening) &&
    isMoney(balance) &&
    Number.isSafeInteger(wrongCount) &&
    Array.isArray(wrong) &&
    (wrong as WrongAccount[]).every(({ accountNo, present, due }) => {
      return typeof accountNo === 'string' && (present === null || isMoney(present)) && isMoney(due);
    });
  if (!isFit) throw unfit(value);
  return accounts as AccountsReading;
}

function isMoney(value: unknown): value is string {
  return typeof value === 'string' && /^-?\d+\.\d\d$/.test(value);
}

function unfit(value: object): AuditUnreadableError {
  return new AuditUnreadableError(
    `The books have a line that does not fit: ${JSON.stringify(value).slice(0, 100)}`,
  );
}
