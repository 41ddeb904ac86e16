import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { RegistrationRequest } from './registration.request.js';
import { USER_NAME_RULE } from '@txmsg/contracts';

const read = (name: unknown): { name: unknown; rules: string[] } => {
  const request = plainToInstance(RegistrationRequest, { name });
  const problems = validateSync(request);
  return {
    name: request.name,
    rules: problems.flatMap(({ constraints = {} }) => Object.values(constraints)),
  };
};

describe('the name of a user', () => {
  it.each([
    ['one character', 'A', 'A'],
    ['spaces around it', '  张三 \n', '张三'],
    ['spaces in it', 'Ada  Lovelace', 'Ada  Lovelace'],
    ['100 characters that are two code units each', '😀'.repeat(100), '😀'.repeat(100)],
    ['joined characters', '👩‍💻', '👩‍💻'],
  ])('may have %s', (_what, name, stored) => {
    expect(read(name)).toEqual({ name: stored, rules: [] });
  });

  it.each([
    ['nothing', ''],
    ['spaces alone', ' \t '],
    ['101 characters', 'a'.repeat(101)],
    ['a line break within', 'a\nb'],
    ['a NUL', 'a\u0000b'],
    ['half a surrogate pair, which cannot be stored', 'a\ud800'],
    ['a number', 7],
    ['null', null],
    ['an array', ['a']],
    ['an object', { a: 1 }],
    ['no field at all', undefined],
  ])('is refused: %s', (_what, name) => {
    expect(read(name).rules).toEqual([USER_NAME_RULE]);
  });
});
