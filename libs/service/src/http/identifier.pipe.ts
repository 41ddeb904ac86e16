import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { IDENTIFIER_RULE, isIdentifier } from '@txmsg/contracts';
import { fieldProblem, invalidInput } from './validation-pipe.js';

/** A path parameter that is a txNo or the number of something. */
@Injectable()
export class IdentifierPipe implements PipeTransform<unknown, string> {
  transform(value: unknown, { data }: ArgumentMetadata): string {
    if (isIdentifier(value)) return value;
    throw invalidInput([fieldProblem(data ?? 'path', value, IDENTIFIER_RULE)]);
  }
}
