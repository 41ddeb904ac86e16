import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, IdentifierPipe, ProblemException } from '@txmsg/service';
import { UserDocument } from './user.document.js';
import { UserEntity } from './user.entity.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(private readonly read: BoundedRead) {}

  @Get(':userId')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A registered user.' })
  @ApiOkResponse({ type: UserDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.USER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('userId', IdentifierPipe) wanted: string): Promise<UserDocument> {
    const user = await this.read.run((manager) => manager.findOneBy(UserEntity, { userId: wanted }));
    if (user === null) {
      throw new ProblemException(ProblemCode.USER_NOT_FOUND, `There is no user "${wanted}" here.`);
    }
    const { userId, name, txNo, createTime } = user;
    return { userId, name, txNo, createTime };
  }
}
