import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { LosslessNumber, parse } from 'lossless-json';
import { AccountChangeMessage } from './account-change.message.js';

/** What txmsg does with a body: numbers stay JavaScript numbers only when they print their source text. */
function read(body: string): AccountChangeMessage {
  const plain = parse(body, undefined, {
    parseNumber: (text: string) => (String(Number(text)) === text ? Number(text) : new LosslessNumber(text)),
  });
  const message = plainToInstance(AccountChangeMessage, plain);
  const errors = validateSync(message);
  if (errors.length > 0) throw new Error(errors.toString());
  return message;
}

const body = (fields: string): string => `{"accountChange":{"txNo":"t-1","accountNo":"1",${fields}}}`;

describe('AccountChangeMessage', () => {
  it('reads the shape that the banks write', () => {
    expect(read(body('"toAccountNo":"2","amount":"100.00"'))).toEqual({
      accountChange: { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '100.00' },
    });
  });

  it.each([
    ['100', '100.00'],
    ['100.0', '100.00'],
    ['1.0E7', '10000000.00'],
    ['99999999999999999.99', '99999999999999999.99'],
    ['"1E+2"', '100.00'],
  ])('takes the amount %s exactly', (amount, normal) => {
    expect(read(body(`"toAccountNo":"2","amount":${amount}`)).accountChange.amount).toBe(normal);
  });

  it.each([
    '0',
    '-1',
    '100.001',
    '1e999999999',
    '1e17',
    'null',
    'true',
    '"NaN"',
    '""',
    '[1]',
    '{}',
    '{"value":"1"}',
  ])('refuses the amount %s', (amount) => {
    expect(() => read(body(`"toAccountNo":"2","amount":${amount}`))).toThrow('amount');
  });

  it('takes numeric identifiers by their digits', () => {
    const message = read(
      '{"accountChange":{"txNo":9007199254740993123,"accountNo":1,"toAccountNo":2,"amount":1}}',
    );
    expect(message.accountChange).toEqual({
      txNo: '9007199254740993123',
      accountNo: '1',
      toAccountNo: '2',
      amount: '1.00',
    });
  });

  it.each(['1.0', '1E2', '1.5', 'null', 'true', '""', '["1"]', '{}', '"a b"'])(
    'refuses the txNo %s',
    (txNo) => {
      const text = `{"accountChange":{"txNo":${txNo},"accountNo":"1","toAccountNo":"2","amount":"1"}}`;
      expect(() => read(text)).toThrow('txNo');
    },
  );

  it('lets toAccountNo be absent', () => {
    expect(read(body('"amount":"1"')).accountChange.toAccountNo).toBeUndefined();
  });

  it.each(['null', '""'])('refuses toAccountNo %s', (toAccountNo) => {
    expect(() => read(body(`"toAccountNo":${toAccountNo},"amount":"1"`))).toThrow('toAccountNo');
  });

  it('drops unknown fields, even a number that JavaScript cannot hold', () => {
    const text = '{"sentAt":1.0E12,"accountChange":{"extra":1.0E12,"txNo":"t","accountNo":"1","amount":1}}';
    expect(Object.keys(read(text))).toEqual(['accountChange']);
    expect(read(text).accountChange).not.toHaveProperty('extra');
  });

  it.each([
    '{}',
    '{"accountChange":null}',
    '{"accountChange":"x"}',
    '{"accountChange":[]}',
    '{"accountChange":{}}',
  ])('refuses the body %s', (text) => {
    expect(() => read(text)).toThrow();
  });
});
