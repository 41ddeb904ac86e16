import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, IdentifierPipe, ProblemException } from '@txmsg/service';
import { AccountDocument } from './account.document.js';
import { AccountEntity } from './account.entity.js';

@ApiTags('accounts')
@Controller('accounts')
export class AccountsController {
  constructor(private readonly read: BoundedRead) {}

  @Get(':no')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'An account and its balance.' })
  @ApiOkResponse({ type: AccountDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.ACCOUNT_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('no', IdentifierPipe) accountNo: string): Promise<AccountDocument> {
    const account = await this.read.run((manager) => manager.findOneBy(AccountEntity, { accountNo }));
    if (!account) {
      throw new ProblemException(
        ProblemCode.ACCOUNT_NOT_FOUND,
        `There is no account "${accountNo}" at this bank.`,
      );
    }
    const { accountName, accountBalance, status } = account;
    return { accountNo: account.accountNo, accountName, balance: accountBalance, status };
  }
}
