import { describe, expect, it } from '@jest/globals';
import { knowledgeOf, type SentTransfer } from './workload.js';

const order = { txNo: 't', accountNo: '1', toAccountNo: '2', amount: '1.00' };
const told = (statuses: (number | undefined)[], isAskedAtRest = false): SentTransfer => ({
  order,
  statuses,
  isAskedAtRest,
});

describe('knowledgeOf', () => {
  it.each([
    ['DEBITED', [201]],
    ['DEBITED', [undefined, 503, 200]],
    ['REFUSED', [422]],
    ['REFUSED', [503, 422]],
    ['NOTHING_DONE', [503, 503]],
    ['UNKNOWN', [202]],
    ['UNKNOWN', [undefined]],
    ['UNKNOWN', [503, 202, 503]],
  ] as const)('is %s after %j', (knowledge, statuses) => {
    expect(knowledgeOf(told([...statuses]))).toBe(knowledge);
  });

  it('takes a refusal for the last word only when no earlier call can still be under way', () => {
    expect(knowledgeOf(told([undefined, 422]))).toBe('UNKNOWN');
    expect(knowledgeOf(told([undefined, 422], true))).toBe('REFUSED');
  });
});
