import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, IdentifierPipe, ProblemException } from '@txmsg/service';
import { AccountDocument } from './account.document.js';
import { PointsAccountEntity } from './points-account.entity.js';

@ApiTags('accounts')
@Controller('accounts')
export class AccountsController {
  constructor(private readonly read: BoundedRead) {}

  @Get(':userId')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'The points of a user.',
    description: 'A user has no account until the message about the registration was consumed.',
  })
  @ApiOkResponse({ type: AccountDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.ACCOUNT_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('userId', IdentifierPipe) userId: string): Promise<AccountDocument> {
    const account = await this.read.run((manager) => manager.findOneBy(PointsAccountEntity, { userId }));
    if (account !== null) return { userId: account.userId, points: account.points };
    throw new ProblemException(
      ProblemCode.ACCOUNT_NOT_FOUND,
      `User "${userId}" has no points here: the message about the registration has not arrived, or there is no such user.`,
    );
  }
}
