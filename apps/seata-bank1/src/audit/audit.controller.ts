import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AuditUnreadableError } from '@txmsg/bank/audit';
import { ProblemCode } from '@txmsg/contracts';
import { AdminController, ApiProblem, ProblemException } from '@txmsg/service';
import { AuditDocument } from './audit.document.js';
import { BooksRefusedError } from './bank2-books.js';
import { BanksAudit } from './banks.audit.js';

@AdminController('audit')
export class AuditController {
  constructor(private readonly banks: BanksAudit) {}

  @Get()
  @ApiOperation({
    summary: 'Compares every account and every transfer of both banks; takes a while with many of them.',
  })
  @ApiOkResponse({ type: AuditDocument, description: 'Both books were read; `agrees` is the verdict.' })
  @ApiProblem(ProblemCode.BOOKS_REFUSED)
  async audit(): Promise<AuditDocument> {
    try {
      return await this.banks.run();
    } catch (error) {
      throw error instanceof AuditUnreadableError ? problemOf(error) : error;
    }
  }
}

function problemOf(error: AuditUnreadableError): ProblemException {
  if (error instanceof BooksRefusedError) {
    return new ProblemException(ProblemCode.BOOKS_REFUSED, error.message, { cause: error });
  }
  const headers = { 'retry-after': '2' };
  return new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, error.message, { cause: error, headers });
}
