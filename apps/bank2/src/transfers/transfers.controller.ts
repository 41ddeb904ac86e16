import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblem, BoundedRead, IdentifierPipe, ProblemException } from '@txmsg/service';
import { ProblemCode } from '@txmsg/contracts';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';
import { TransferDocument } from './transfer.document.js';

@ApiTags('transfers')
@Controller('transfers')
export class TransfersController {
  constructor(private readonly read: BoundedRead) {}

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'What this bank did with a transfer.' })
  @ApiOkResponse({ type: TransferDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.TRANSFER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('txNo', IdentifierPipe) wanted: string): Promise<TransferDocument> {
    const transfer = await this.read.run((manager) =>
      manager.findOneBy(IncomingTransferEntity, { txNo: wanted }),
    );
    if (!transfer) {
      const detail = `This bank has received no transfer "${wanted}".`;
      throw new ProblemException(ProblemCode.TRANSFER_NOT_FOUND, detail, { txNo: wanted });
    }
    const { txNo, state, accountNo, toAccountNo, amount, reason, createTime } = transfer;
    return { txNo, state, accountNo, toAccountNo, amount, reason, createTime };
  }
}
