import { Body, Controller, HttpCode, Post, UseInterceptors, type Type } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import { XID_HEADER, XidInterceptor } from '@txmsg/seata';
import { ApiProblem, ProblemException } from '@txmsg/service';
import { branchProblem, refuseColonUnderAt } from '@txmsg/service/seata';
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
      refuseColonUnderAt(pattern, txNo, 'txNo');
      const order = { txNo, userId, name };
      try {
        const { xid } = await this.service.make(pattern, order, password);
        return { xid, ...order, state: 'PENDING' };
      } catch (error) {
        if (error instanceof AccountRefusedError)
          throw new ProblemException(error.code, error.message, { txNo });
        throw branchProblem(error, txNo);
      }
    }
  }
  // Nest tells controllers apart by class; people tell them apart by name.
  Object.defineProperty(NewAccountsController, 'name', { value: `New${pattern}AccountsController` });
  return NewAccountsController;
}
