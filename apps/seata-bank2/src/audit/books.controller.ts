import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import {
  AuditUnreadableError,
  QUERY_TIMEOUT_MS,
  readReservedAccounts,
  SnapshotConnection,
  type ReservedAccountsReading,
} from '@txmsg/bank/audit';
import { ProblemCode } from '@txmsg/contracts';
import { AdminController, BoundedRead, ProblemException } from '@txmsg/service';
import { creditRows } from '../credits/credit.rows.js';
import { SeataBank2Settings } from '../seata-bank2-settings.js';
import { BooksPage } from './books.document.js';
import { BooksQuery } from './books.query.js';

const PAGE_SIZE = 1000;

/** A credit under AT is in the balance from phase one on, one under TCC reserves its room until confirm. */
const EFFECTS = `SELECT account_no, IF(state = 'CREDITED', amount, 0.00) AS balance,
    IF(state = 'RESERVED', amount, 0.00) AS reserved
  FROM credit`;

/** This bank's books, for bank1's audit. */
@AdminController('books')
export class BooksController {
  constructor(
    private readonly read: BoundedRead,
    private readonly settings: SeataBank2Settings,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'Which accounts do not follow from their credits, with the first page; credits by txNo, page by page.',
  })
  @ApiOkResponse({ type: BooksPage })
  async books(@Query() { after }: BooksQuery): Promise<BooksPage> {
    const accounts = after === undefined ? await this.accounts() : null;
    const rows = await this.read.run((manager) => creditRows.page(manager, after ?? '', PAGE_SIZE + 1));
    const credits = rows.slice(0, PAGE_SIZE);
    return { accounts, credits, next: rows.length > PAGE_SIZE ? (credits.at(-1)?.txNo ?? null) : null };
  }

  private async accounts(): Promise<ReservedAccountsReading> {
    let connection: SnapshotConnection | undefined;
    try {
      connection = await SnapshotConnection.open(this.settings.mysqlUrl, QUERY_TIMEOUT_MS);
      return await readReservedAccounts(connection, EFFECTS);
    } catch (error) {
      if (!(error instanceof AuditUnreadableError)) throw error;
      const headers = { 'retry-after': '2' };
      throw new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, error.message, { cause: error, headers });
    } finally {
      connection?.close();
    }
  }
}
