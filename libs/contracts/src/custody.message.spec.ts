import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { isSafeNumber, LosslessNumber, parse } from 'lossless-json';
import { CustodyResultMessage } from './custody.message.js';

const OPENED = { requestNo: 'r-1', status: 'OPENED', custodyAccountNo: 'c-1', reason: null };
const REFUSED = { requestNo: 'r-1', status: 'REFUSED', custodyAccountNo: null, reason: 'USER_HAS_ACCOUNT' };

const read = (body: object): { message: CustodyResultMessage; wrong: string[] } => {
  const message = plainToInstance(CustodyResultMessage, body);
  return { message, wrong: validateSync(message).map(({ property }) => property) };
};

describe('a result of custody', () => {
  it.each([
    ['an account', OPENED],
    ['a refusal', REFUSED],
  ])('may be %s, as it is written', (_what, body) => {
    expect(read(body)).toEqual({ message: body, wrong: [] });
  });

  it('drops what it does not know, and may leave out what is null', () => {
    const refused = { requestNo: 'r-1', status: 'REFUSED', reason: 'USER_HAS_ACCOUNT' };
    expect(read({ ...refused, extra: {} })).toEqual({ message: refused, wrong: [] });
  });

  it.each(['9007199254740991', '9007199254740992', '6222021234567890123'])(
    'may name the account by the number %s, as txmsg reads it',
    (number) => {
      const text = `{"requestNo":"r-1","status":"OPENED","custodyAccountNo":${number}}`;
      const body = parse(text, undefined, (digits) =>
        isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits),
      ) as object;
      const message = { requestNo: 'r-1', status: 'OPENED', custodyAccountNo: number };
      expect(read(body)).toEqual({ message, wrong: [] });
    },
  );

  it.each([
    ['requestNo', { ...OPENED, requestNo: 'a b' }],
    ['requestNo', { ...OPENED, requestNo: 2 ** 53 }],
    ['requestNo', { ...OPENED, requestNo: undefined }],
    ['status', { ...OPENED, status: 'PROCESSING' }],
    ['status', { ...OPENED, status: undefined }],
    ['custodyAccountNo', { ...OPENED, custodyAccountNo: null }],
    ['custodyAccountNo', { ...OPENED, custodyAccountNo: {} }],
    ['custodyAccountNo', { ...OPENED, custodyAccountNo: 2 ** 53 }],
    ['custodyAccountNo', { ...REFUSED, custodyAccountNo: 'a b' }],
    ['reason', { ...REFUSED, reason: 'a'.repeat(256) }],
    ['reason', { ...REFUSED, reason: 7 }],
  ])('is refused because of %s in %j', (property, body) => {
    expect(read(body).wrong).toEqual([property]);
  });
});
