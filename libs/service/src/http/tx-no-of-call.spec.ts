import { describe, expect, it } from '@jest/globals';
import { isIdentifier } from '@txmsg/contracts';
import { chooseTxNo } from './tx-no-of-call.js';

describe('the txNo of a call without one', () => {
  it('fits the rule for identifiers, and rises with time in the order of the database', () => {
    const txNos = Array.from({ length: 1000 }, () => chooseTxNo(undefined, undefined));
    expect(txNos.every(isIdentifier)).toBe(true);
    expect(new Set(txNos).size).toBe(1000);
    // Columns of txNos are compared by their bytes.
    expect([...txNos].sort()).toEqual(txNos);
  });
});
