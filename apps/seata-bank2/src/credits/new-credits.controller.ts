import { Body, Controller, HttpCode, Post, UseInterceptors, type Type } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { normalizeAmount, ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import {
  CoordinatorRefusedError,
  GlobalTransactionOverError,
  NoGlobalTransactionError,
  XID_HEADER,
  XidInterceptor,
} from '@txmsg/seata';
import { ApiProblem, fieldProblem, invalidInput, ProblemException } from '@txmsg/service';
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
      const order = { txNo, accountNo, amount: normalizeAmount(amount) ?? amount };
      try {
        const { xid } = await this.service.credit(pattern, order);
        return { xid, ...order, state: 'OPEN' };
      } catch (error) {
        throw asProblem(error, txNo);
      }
    }
  }
  // Nest tells controllers apart by class; people tell them apart by name.
  Object.defineProperty(NewCreditsController, 'name', { value: `New${pattern}CreditsController` });
  return NewCreditsController;
}

function asProblem(error: unknown, txNo: string): unknown {
  if (error instanceof CreditRefusedError) return new ProblemException(error.code, error.message, { txNo });
  if (error instanceof NoGlobalTransactionError) {
    return invalidInput([fieldProblem(XID_HEADER, undefined, 'must be the id of a global transaction')]);
  }
  if (error instanceof GlobalTransactionOverError || error instanceof CoordinatorRefusedError) {
    return new ProblemException(ProblemCode.ROLLED_BACK, error.message, { txNo, cause: error });
  }
  return error;
}
