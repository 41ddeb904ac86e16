import { describe, expect, it } from '@jest/globals';
import { BatchSize } from './batch-size.js';

/** Transactions with as many handlers as the size says, each of which takes so long. */
function carryOut(size: BatchSize, transactions: number, handlerMs = 1, outsideMs = handlerMs): number[] {
  return Array.from({ length: transactions }, () => {
    const handlers = size.now;
    size.handled(handlers, { totalMs: handlers * handlerMs, outsideDatabaseMs: handlers * outsideMs });
    return size.now;
  });
}

describe('the batch size of the single form', () => {
  it('begins at 1 and doubles up to the maximum', () => {
    expect(carryOut(BatchSize.adaptive(20), 6)).toEqual([2, 4, 8, 16, 20, 20]);
  });

  it('does not grow by transactions that are not full: nothing says that more would do', () => {
    const size = BatchSize.adaptive(16);
    carryOut(size, 2);
    size.handled(3, { totalMs: 3, outsideDatabaseMs: 3 });
    expect(size.now).toBe(4);
  });

  it('is halved when a whole batch was rolled back, and grows again', () => {
    const size = BatchSize.adaptive(16);
    carryOut(size, 4);
    size.failed();
    expect(size.now).toBe(8);
    for (let failures = 0; failures < 5; failures++) size.failed();
    expect(size.now).toBe(1);
    expect(carryOut(size, 2)).toEqual([2, 4]);
  });

  it('is 1 while handlers wait for something other than the database', () => {
    const size = BatchSize.adaptive(16);
    carryOut(size, 4);
    size.handled(16, { totalMs: 16 * 100, outsideDatabaseMs: 16 * 100 });
    expect(size.now).toBe(1);
    expect(carryOut(size, 3, 100)).toEqual([1, 1, 1]);
    carryOut(size, 100);
    expect(size.now).toBe(16);
  });

  it('is 1 while handlers are slow in the database: none is put behind a slow one again and again', () => {
    const size = BatchSize.adaptive(16);
    carryOut(size, 4);
    size.handled(1, { totalMs: 2000, outsideDatabaseMs: 1 });
    size.stoppedAfter(1);
    expect(carryOut(size, 4, 2000, 1)).toEqual([1, 1, 1, 1]);
    carryOut(size, 100);
    expect(size.now).toBe(16);
  });

  it('is not changed by one slow handler among many', () => {
    const size = BatchSize.adaptive(16);
    carryOut(size, 4);
    size.handled(16, { totalMs: 16 + 100, outsideDatabaseMs: 16 + 100 });
    expect(size.now).toBe(16);
  });

  it('is no more than a batch could do in its share of the time', () => {
    const size = BatchSize.adaptive(16);
    carryOut(size, 4);
    size.stoppedAfter(3);
    expect(size.now).toBe(3);
  });

  it('is fixed for the batch form', () => {
    const size = BatchSize.fixed(16);
    size.failed();
    size.handled(16, { totalMs: 16_000, outsideDatabaseMs: 16_000 });
    size.stoppedAfter(1);
    expect(size.now).toBe(16);
  });
});
