import { Injectable, type PipeTransform } from '@nestjs/common';
import { isUserName, normalizeUserName, USER_NAME_RULE } from '@txmsg/contracts';
import { fieldProblem, invalidInput } from '@txmsg/service';

/** The name in a path, normalised as in a body. */
@Injectable()
export class AccountNamePipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    const name = normalizeUserName(value);
    if (isUserName(name)) return name;
    throw invalidInput([fieldProblem('name', value, USER_NAME_RULE)]);
  }
}
