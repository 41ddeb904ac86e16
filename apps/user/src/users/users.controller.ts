import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, IdentifierPipe } from '@txmsg/service';
import { toDocument } from '../custody/custody.document.js';
import { CustodyRequestLedger } from '../custody/custody-request.ledger.js';
import { UserDocument } from './user.document.js';
import { userNotFound } from './user.problems.js';
import { userRows } from './user.rows.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly read: BoundedRead,
    private readonly custody: CustodyRequestLedger,
  ) {}

  @Get(':userId')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A registered user.' })
  @ApiOkResponse({ type: UserDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.USER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('userId', IdentifierPipe) wanted: string): Promise<UserDocument> {
    const found = await this.read.run(async (manager) => {
      const user = await userRows.find(manager, wanted);
      return user && { user, request: await this.custody.latestOf(wanted, manager) };
    });
    if (found === undefined) throw userNotFound(wanted);
    const { userId, name, txNo, state, createTime } = found.user;
    const { request } = found;
    return { userId, name, txNo, state, createTime, ...(request && { custodyAccount: toDocument(request) }) };
  }
}
