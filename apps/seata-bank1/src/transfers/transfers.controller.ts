import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, IdentifierPipe, PageQuery, ProblemException } from '@txmsg/service';
import { TransferDocument, TransferPage } from './transfer.document.js';
import { transferRows } from './transfer.rows.js';

@ApiTags('transfers')
@Controller('transfers')
export class TransfersController {
  constructor(private readonly read: BoundedRead) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Transfers, page by page, in the order of their txNo.' })
  @ApiOkResponse({ type: TransferPage })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.SERVICE_UNAVAILABLE)
  async list(@Query() { limit, after }: PageQuery): Promise<TransferPage> {
    const size = Number(limit);
    const rows = await this.read.run((manager) => transferRows.page(manager, after ?? '', size + 1));
    const items = rows.slice(0, size);
    return { items, next: rows.length > size ? (items.at(-1)?.txNo ?? null) : null };
  }

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where a transfer stands at this bank.' })
  @ApiOkResponse({ type: TransferDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.TRANSFER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('txNo', IdentifierPipe) txNo: string): Promise<TransferDocument> {
    const row = await this.read.run((manager) => transferRows.find(manager, txNo));
    if (row !== undefined) return row;
    throw new ProblemException(ProblemCode.TRANSFER_NOT_FOUND, `This bank knows no transfer "${txNo}".`, {
      txNo,
    });
  }
}
