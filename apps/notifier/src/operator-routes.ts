import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import {
  ADMIN_SECURITY,
  AdminGuard,
  ApiProblem,
  asDatabaseProblem,
  fieldProblem,
  invalidInput,
  ProblemException,
} from '@txmsg/service';
import { SubscriberNameTakenError } from '@txmsg/webhooks';
import { InvalidArgumentError } from 'txmsg';

/** Routes below `/notifier/<path>` that only the holder of the admin token may call: they say who is told what. */
export function OperatorController(path: string): ClassDecorator {
  return applyDecorators(
    Controller(path),
    UseGuards(AdminGuard),
    ApiTags(path),
    ApiBearerAuth(ADMIN_SECURITY),
    ApiProblem(
      ProblemCode.INVALID_INPUT,
      ProblemCode.UNAUTHORIZED,
      ProblemCode.ROUTE_NOT_FOUND,
      ProblemCode.SERVICE_UNAVAILABLE,
    ),
  );
}

/** What the library throws, as an answer. */
export function asProblem(error: unknown): never {
  if (error instanceof InvalidArgumentError)
    throw invalidInput([fieldProblem(error.field, error.value, error.rule.replace(/^it /, ''))]);
  if (error instanceof SubscriberNameTakenError)
    throw new ProblemException(ProblemCode.SUBSCRIBER_NAME_TAKEN, error.message);
  throw asDatabaseProblem(error);
}
