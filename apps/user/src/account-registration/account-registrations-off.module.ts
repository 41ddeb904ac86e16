import { Controller, Get, Module, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '@txmsg/service';

@ApiExcludeController()
@Controller('registrations')
class AccountRegistrationsOffController {
  @Post()
  register(): never {
    throw notConfigured();
  }

  @Get(':txNo')
  find(): never {
    throw notConfigured();
  }
}

/** A service without the coordinator and identity works as ever, and says so to whoever asks for a login account. */
@Module({ controllers: [AccountRegistrationsOffController] })
export class AccountRegistrationsOffModule {}

function notConfigured(): ProblemException {
  return new ProblemException(
    ProblemCode.IDENTITY_NOT_CONFIGURED,
    'This service works without login accounts: it was started without SEATA_SERVER and IDENTITY_URL. Nothing was done.',
  );
}
