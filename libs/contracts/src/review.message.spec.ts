import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { LosslessNumber, parse } from 'lossless-json';
import { ReviewMessage } from './review.message.js';

/** What txmsg does with a body: numbers stay JavaScript numbers only when they print their source text. */
function read(body: string): ReviewMessage {
  const plain = parse(body, undefined, {
    parseNumber: (text: string) => (String(Number(text)) === text ? Number(text) : new LosslessNumber(text)),
  });
  const message = plainToInstance(ReviewMessage, plain);
  const errors = validateSync(message);
  if (errors.length > 0) throw new Error(errors.toString());
  return message;
}

const FIELDS = {
  txNo: '"review-p1"',
  projectId: '"p1"',
  amount: '"1000.00"',
  bidCount: '3',
  terms: '12',
  annualRate: '"6.00"',
};
const body = (changed: Partial<typeof FIELDS> = {}): string =>
  `{${Object.entries({ ...FIELDS, ...changed })
    .map(([name, text]) => `"${name}":${text}`)
    .join(',')}}`;

describe('ReviewMessage', () => {
  it('reads what trading writes, and drops what it does not know', () => {
    expect(read(body({ terms: '12,"bids":[1]' }))).toEqual({
      txNo: 'review-p1',
      projectId: 'p1',
      amount: '1000.00',
      bidCount: 3,
      terms: 12,
      annualRate: '6.00',
    });
  });

  it.each(['0', '-1', '1.5', '1.0', '361', '1e1', '"12"', 'null', '{}'])('refuses terms %s', (terms) => {
    expect(() => read(body({ terms }))).toThrow('terms');
  });

  it.each(['6', '"6"', '"-1.00"', '"100.00"', '"6.001"', 'null'])('refuses the rate %s', (annualRate) => {
    expect(() => read(body({ annualRate }))).toThrow('annualRate');
  });

  it.each(['0', '"0.00"', '-5', '"1.005"', '"x"'])('refuses the amount %s', (amount) => {
    expect(() => read(body({ amount }))).toThrow('amount');
  });

  it.each(['0', '1.5', '"3"'])('refuses %s bids', (bidCount) => {
    expect(() => read(body({ bidCount }))).toThrow('bidCount');
  });
});
