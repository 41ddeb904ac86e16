import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, IdentifierPipe, PageQuery, ProblemException } from '@txmsg/service';
import { CreditDocument, CreditPage } from './credit.document.js';
import { creditRows } from './credit.rows.js';

@ApiTags('credits')
@Controller('credits')
export class CreditsController {
  constructor(private readonly read: BoundedRead) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Credits, page by page, in the order of their txNo.' })
  @ApiOkResponse({ type: CreditPage })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.SERVICE_UNAVAILABLE)
  async list(@Query() { limit, after }: PageQuery): Promise<CreditPage> {
    const size = Number(limit);
    const rows = await this.read.run((manager) => creditRows.page(manager, after ?? '', size + 1));
    const items = rows.slice(0, size);
    return { items, next: rows.length > size ? (items.at(-1)?.txNo ?? null) : null };
  }

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where a credit stands at this bank.' })
  @ApiOkResponse({ type: CreditDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.TRANSFER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('txNo', IdentifierPipe) txNo: string): Promise<CreditDocument> {
    const row = await this.read.run((manager) => creditRows.find(manager, txNo));
    if (row !== undefined) return row;
    throw new ProblemException(ProblemCode.TRANSFER_NOT_FOUND, `This bank has no credit of "${txNo}".`, {
      txNo,
    });
  }
}
