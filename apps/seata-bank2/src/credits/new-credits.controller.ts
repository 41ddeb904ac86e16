import { Body, Controller, HttpCode, Post, UseInterceptors, type Type } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { normalizeAmount, ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import { XID_HEADER, XidInterceptor } from '@txmsg/seata';
import { ApiProblem, ProblemException } from '@txmsg/service';
import { branchProblem, refuseColonUnderAt } from '@txmsg/service/seata';
import { CreditReceipt, CreditRequest } from './credit.document.js';
import { CreditService } from './credit.service.js';
import { CreditRefusedError } from './credit.js';

/** The call by which a global transaction gets its branch at this bank: `POST /bank2/tcc/credits`. */
export function newCreditsController(pattern: TwoPhasePattern): Type {
  @ApiTags('credits')
  @Controller(pattern.toLowerCase())
  class NewCreditsController {
    constructor(private readonly service: CreditService) {}

    @Post('credits')
    @HttpCode(200)
    @UseInterceptors(XidInterceptor)
    @ApiOperation({ summary: `Phase one of a credit under ${pattern}, in the caller's global transaction.` })
    @ApiHeader({ name: XID_HEADER, required: true, description: "Seata's global transaction." })
    @ApiOkResponse({ type: CreditReceipt })
    @ApiProblem(
      ProblemCode.INVALID_INPUT,
      ProblemCode.MALFORMED_REQUEST,
      ProblemCode.REQUEST_REFUSED,
      ProblemCode.ACCOUNT_NOT_FOUND,
      ProblemCode.TX_NO_CONFLICT,
      ProblemCode.ROLLED_BACK,
      ProblemCode.ACCOUNT_FROZEN,
      ProblemCode.BALANCE_OVERFLOW,
    )
    async create(@Body() { txNo, accountNo, amount }: CreditRequest): Promise<CreditReceipt> {
      refuseColonUnderAt(pattern, txNo, 'txNo');
      const order = { txNo, accountNo, amount: normalizeAmount(amount) ?? amount };
      try {
        const { xid } = await this.service.credit(pattern, order);
        return { xid, ...order, state: 'OPEN' };
      } catch (error) {
        if (error instanceof CreditRefusedError)
          throw new ProblemException(error.code, error.message, { txNo });
        throw branchProblem(error, txNo);
      }
    }
  }
  // Nest tells controllers apart by class; people tell them apart by name.
  Object.defineProperty(NewCreditsController, 'name', { value: `New${pattern}CreditsController` });
  return NewCreditsController;
}
