import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { LosslessNumber, parse } from 'lossless-json';
import { TopUpResultMessage } from './top-up.message.js';

/** What txmsg does with a body: numbers stay JavaScript numbers only when they print their source text. */
const read = (json: string): TopUpResultMessage =>
  plainToInstance(
    TopUpResultMessage,
    parse(json, undefined, {
      parseNumber: (text: string) =>
        String(Number(text)) === text ? Number(text) : new LosslessNumber(text),
    }),
  );
const wrongFields = (json: string): string[] => validateSync(read(json)).map(({ property }) => property);

describe('TopUpResultMessage', () => {
  it.each(['success', 'fail'])('reads the shape that the classic service writes, result %s', (result) => {
    const json = `{"id":"t-1","accountNo":"1","payAmount":"100.00","result":"${result}","more":1}`;
    expect(wrongFields(json)).toEqual([]);
    expect(JSON.parse(JSON.stringify(read(json)))).toEqual({
      id: 't-1',
      accountNo: '1',
      payAmount: '100.00',
      result,
    });
  });

  it('takes numbers by their source text', () => {
    const json = '{"id":9007199254740993123,"accountNo":1,"payAmount":90071992547409.93,"result":"success"}';
    expect(wrongFields(json)).toEqual([]);
    expect(read(json)).toMatchObject({
      id: '9007199254740993123',
      accountNo: '1',
      payAmount: '90071992547409.93',
    });
    expect(read('{"payAmount":1e2}').payAmount).toBe('100.00');
  });

  it.each([
    ['{"accountNo":"1","payAmount":"1.00","result":"success"}', ['id']],
    ['{"id":"t-1","accountNo":"1","payAmount":"1.001","result":"success"}', ['payAmount']],
    ['{"id":"t-1","accountNo":"1","payAmount":0,"result":"success"}', ['payAmount']],
    ['{"id":"t-1","accountNo":"","payAmount":"1.00","result":"success"}', ['accountNo']],
    ['{"id":"t-1","accountNo":"1","payAmount":"1.00","result":"processing"}', ['result']],
    ['{"id":"t-1","accountNo":"1","payAmount":"1.00","result":"SUCCESS"}', ['result']],
    ['{"id":"t-1","accountNo":"1","payAmount":"1.00"}', ['result']],
    ['{}', ['id', 'accountNo', 'payAmount', 'result']],
  ])('refuses %s', (json, fields) => {
    expect(wrongFields(json)).toEqual(fields);
  });
});
