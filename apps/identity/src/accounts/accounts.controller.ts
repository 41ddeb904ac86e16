import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, ProblemException } from '@txmsg/service';
import { AccountNamePipe } from './account-name.pipe.js';
import { AccountDocument } from './account.document.js';
import { accountRows } from './account.rows.js';

@ApiTags('accounts')
@Controller('accounts')
export class AccountsController {
  constructor(private readonly read: BoundedRead) {}

  @Get(':name')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where the account of a name stands.' })
  @ApiOkResponse({ type: AccountDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.ACCOUNT_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('name', AccountNamePipe) name: string): Promise<AccountDocument> {
    const row = await this.read.run((manager) => accountRows.find(manager, name));
    if (row !== undefined) return row;
    throw new ProblemException(ProblemCode.ACCOUNT_NOT_FOUND, `There is no account "${name}" here.`);
  }
}
