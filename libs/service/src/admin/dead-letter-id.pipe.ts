import { Injectable, type PipeTransform } from '@nestjs/common';
import { fieldProblem, invalidInput } from '../http/validation-pipe.js';

export const DEAD_LETTER_ID_PATTERN = /^[1-9]\d{0,17}$/;
export const DEAD_LETTER_ID_RULE = 'must be the id of a dead letter, a whole number from 1';

/** The path parameter that names a dead letter. */
@Injectable()
export class DeadLetterIdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (DEAD_LETTER_ID_PATTERN.test(value)) return value;
    throw invalidInput([fieldProblem('id', value, DEAD_LETTER_ID_RULE)]);
  }
}
