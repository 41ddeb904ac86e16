import { describe, expect, it } from '@jest/globals';
import { judgeTransfers, type CreditRow, type SentTransfer, type TransferRow } from './transfer-verdict.js';

const order = { txNo: 't', accountNo: '1', toAccountNo: '2', amount: '1.00' };
const told = (...statuses: (number | undefined)[]): SentTransfer => ({
  ...{ txNo: 't', kind: 'TRANSFER', pattern: 'TCC', order, statuses },
  isAskedAtRest: false,
});
const at1 = (state: TransferRow['state'], changes: Partial<TransferRow> = {}): TransferRow => ({
  ...order,
  ...{ pattern: 'TCC', xid: 'x:1', state },
  ...changes,
});
const at2 = (state: CreditRow['state'], changes: Partial<CreditRow> = {}): CreditRow => ({
  ...{ txNo: 't', pattern: 'TCC', toAccountNo: '2', amount: '1.00', xid: 'x:1', state },
  ...changes,
});

describe('judgeTransfers', () => {
  it.each([
    ['committed', told(201), [at1('COMMITTED')], [at2('CREDITED')]],
    ['committed after a rollback', told(409, 201), [at1('COMMITTED')], [at2('CREDITED')]],
    ['rolled back', told(409), [at1('ROLLED_BACK')], []],
    ['refused', told(422), [at1('ROLLED_BACK')], []],
    ['told that nothing was done', told(503, 503), [], []],
  ] as const)('is content with a transfer that was %s', (_how, sent, transfers, credits) => {
    expect(judgeTransfers([sent], transfers, credits)).toEqual([]);
  });

  it.each([
    ['was answered COMMITTED and rolled back', told(201), [at1('ROLLED_BACK')], []],
    ['was answered ROLLED_BACK and made', told(409), [at1('COMMITTED')], [at2('CREDITED')]],
    ['was answered 503 and made', told(503), [at1('COMMITTED')], [at2('CREDITED')]],
    ['nobody can tell about', told(202), [at1('COMMITTED')], [at2('CREDITED')]],
    ['left bank1 and never arrived', told(201), [at1('COMMITTED')], []],
    ['is reserved at bank2 for good', told(201), [at1('COMMITTED')], [at2('RESERVED')]],
    ['was rolled back at bank1 and credited', told(409), [at1('ROLLED_BACK')], [at2('CREDITED')]],
    ['has not ended', told(409), [at1('OPEN')], []],
    ['arrived from nowhere', told(409), [], [at2('CREDITED')]],
    ['arrived as another amount', told(201), [at1('COMMITTED')], [at2('CREDITED', { amount: '2.00' })]],
    ['arrived by another transaction', told(201), [at1('COMMITTED')], [at2('CREDITED', { xid: 'x:2' })]],
    [
      'was made under the other pattern',
      told(201),
      [at1('COMMITTED', { pattern: 'AT' })],
      [at2('CREDITED', { pattern: 'AT' })],
    ],
  ] as const)('names a transfer that %s', (_how, sent, transfers, credits) => {
    expect(judgeTransfers([sent], transfers, credits).map(({ txNo }) => txNo)).toEqual(['t']);
  });
});
