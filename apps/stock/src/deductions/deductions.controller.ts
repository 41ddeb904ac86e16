import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, IdentifierPipe, ProblemException } from '@txmsg/service';
import { DeductionDocument } from './deduction.document.js';
import { DeductionEntity } from './deduction.entity.js';

@ApiTags('deductions')
@Controller('deductions')
export class DeductionsController {
  constructor(private readonly read: BoundedRead) {}

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'What was decided about the order of this txNo.' })
  @ApiOkResponse({ type: DeductionDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.DEDUCTION_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('txNo', IdentifierPipe) wanted: string): Promise<DeductionDocument> {
    const deduction = await this.read.run((manager) => manager.findOneBy(DeductionEntity, { txNo: wanted }));
    if (!deduction) {
      const detail = `No order with the txNo "${wanted}" has come to stock.`;
      throw new ProblemException(ProblemCode.DEDUCTION_NOT_FOUND, detail, { txNo: wanted });
    }
    const { txNo, state, orderNo, productId, payCount, reason, createTime } = deduction;
    return { txNo, state, orderNo, productId, payCount, reason, createTime };
  }
}
