import { Body, Controller, HttpCode, Post, UseInterceptors, type Type } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import {
  CoordinatorRefusedError,
  GlobalTransactionOverError,
  NoGlobalTransactionError,
  XID_HEADER,
  XidInterceptor,
} from '@txmsg/seata';
import { ApiProblem, fieldProblem, invalidInput, ProblemException } from '@txmsg/service';
import { AccountReceipt, AccountRequest } from './account.document.js';
import { AccountService } from './account.service.js';
import { AccountRefusedError } from './account.js';

/** The call by which a global transaction gets its branch at this service: `POST /identity/tcc/accounts`. */
export function newAccountsController(pattern: TwoPhasePattern): Type {
  @ApiTags('accounts')
  @Controller(pattern.toLowerCase())
  class NewAccountsController {
    constructor(private readonly service: AccountService) {}

    @Post('accounts')
    @HttpCode(200)
    @UseInterceptors(XidInterceptor)
    @ApiOperation({
      summary: `Phase one of an account under ${pattern}, in the caller's global transaction.`,
    })
    @ApiHeader({ name: XID_HEADER, required: true, description: "Seata's global transaction." })
    @ApiOkResponse({ type: AccountReceipt })
    @ApiProblem(
      ProblemCode.INVALID_INPUT,
      ProblemCode.MALFORMED_REQUEST,
      ProblemCode.REQUEST_REFUSED,
      ProblemCode.NAME_TAKEN,
      ProblemCode.TX_NO_CONFLICT,
      ProblemCode.ROLLED_BACK,
      ProblemCode.SERVICE_UNAVAILABLE,
    )
    async create(@Body() { txNo, userId, name, password }: AccountRequest): Promise<AccountReceipt> {
      const order = { txNo, userId, name };
      try {
        const { xid } = await this.service.make(pattern, order, password);
        return { xid, ...order, state: 'PENDING' };
      } catch (error) {
        throw asProblem(error, txNo);
      }
    }
  }
  // Nest tells controllers apart by class; people tell them apart by name.
  Object.defineProperty(NewAccountsController, 'name', { value: `New${pattern}AccountsController` });
  return NewAccountsController;
}

function asProblem(error: unknown, txNo: string): unknown {
  if (error instanceof AccountRefusedError) return new ProblemException(error.code, error.message, { txNo });
  if (error instanceof NoGlobalTransactionError) {
    return invalidInput([fieldProblem(XID_HEADER, undefined, 'must be the id of a global transaction')]);
  }
  if (error instanceof GlobalTransactionOverError || error instanceof CoordinatorRefusedError) {
    return new ProblemException(ProblemCode.ROLLED_BACK, error.message, { txNo, cause: error });
  }
  return error;
}
