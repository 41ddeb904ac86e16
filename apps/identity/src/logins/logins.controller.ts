import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, BoundedRead, ProblemException } from '@txmsg/service';
import { accountRows } from '../accounts/account.rows.js';
import { PasswordHasher } from '../passwords/password.hasher.js';
import { LoginReceipt, LoginRequest } from './login.document.js';

@ApiTags('logins')
@Controller('logins')
export class LoginsController {
  constructor(
    private readonly read: BoundedRead,
    private readonly passwords: PasswordHasher,
  ) {}

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Whether name and password belong to an account.',
    description:
      'A name without an account, an account that is pending and a wrong password are answered in the same way, after the ' +
      'same work.',
  })
  @ApiOkResponse({ type: LoginReceipt })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.LOGIN_REFUSED,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async logIn(@Body() { name, password }: LoginRequest): Promise<LoginReceipt> {
    const account = await this.read.run((manager) => accountRows.findUsable(manager, name));
    const isRight = await this.passwords.isRight(password, account?.passwordHash);
    if (account !== undefined && isRight) return { name: account.name, userId: account.userId };
    throw new ProblemException(
      ProblemCode.LOGIN_REFUSED,
      'There is no usable account with this name and this password.',
    );
  }
}
