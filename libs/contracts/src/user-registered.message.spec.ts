import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { parse } from 'lossless-json';
import { UserRegisteredMessage } from './user-registered.message.js';

const read = (json: string): UserRegisteredMessage => plainToInstance(UserRegisteredMessage, parse(json));
const wrongFields = (json: string): string[] => validateSync(read(json)).map(({ property }) => property);

describe('UserRegisteredMessage', () => {
  it('keeps what it names and drops the rest', () => {
    const json = '{"txNo":"t-1","userId":"u-1","name":"Alice"}';
    expect(wrongFields(json)).toEqual([]);
    expect(JSON.stringify(read(json))).toBe('{"txNo":"t-1","userId":"u-1"}');
  });

  it('reads numbers of other senders by their source text', () => {
    expect(read('{"txNo":1,"userId":1234567890123456789}').userId).toBe('1234567890123456789');
  });

  it.each([
    ['{"txNo":"t-1"}', ['userId']],
    ['{"txNo":"t-1","userId":null}', ['userId']],
    ['{"txNo":"t-1","userId":""}', ['userId']],
    ['{"txNo":"t-1","userId":1.0}', ['userId']],
    ['{"txNo":"t 1","userId":{"id":1}}', ['txNo', 'userId']],
    ['{}', ['txNo', 'userId']],
  ])('refuses %s', (json, fields) => {
    expect(wrongFields(json)).toEqual(fields);
  });
});
