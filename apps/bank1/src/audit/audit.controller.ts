import { Get, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController, ApiProblem, ProblemException } from '@txmsg/bank';
import {
  auditInTurn,
  AuditUnreadableError,
  openMysqlBooks,
  type BankName,
  type OpenBooks,
} from '@txmsg/bank/audit';
import { ProblemCode } from '@txmsg/contracts';
import { Bank1Settings } from '../bank1-settings.js';
import { AuditDocument } from './audit.document.js';
import { BooksRefusedError, openBank2Books } from './bank2-books.js';

/** Both banks' books compared: this bank's from its database, bank2's through bank2's admin call. */
@AdminController('audit')
export class AuditController implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(private readonly settings: Bank1Settings) {}

  @Get()
  @ApiOperation({
    summary: 'Compares every account and every transfer of both banks; takes a while with many of them.',
  })
  @ApiOkResponse({ type: AuditDocument, description: 'Both books were read; `agrees` is the verdict.' })
  @ApiProblem(ProblemCode.BOOKS_REFUSED)
  async audit(): Promise<AuditDocument> {
    try {
      return await auditInTurn((bank) => this.open(bank), { foreignSenders: this.settings.foreignSenders });
    } catch (error) {
      throw error instanceof AuditUnreadableError ? problemOf(error) : error;
    }
  }

  /** A shutdown does not wait for an audit, which may take long: the caller can ask for another one. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  private open(bank: BankName): Promise<OpenBooks> {
    if (bank === 'bank1') return openMysqlBooks(bank, this.settings.mysqlUrl);
    return openBank2Books(this.settings, undefined, this.stopping.signal);
  }
}

function problemOf(error: AuditUnreadableError): ProblemException {
  if (error instanceof BooksRefusedError) {
    return new ProblemException(ProblemCode.BOOKS_REFUSED, error.message, { cause: error });
  }
  const headers = { 'retry-after': '2' };
  return new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, error.message, { cause: error, headers });
}
