import { describe, expect, it, jest } from '@jest/globals';
import { TransactionOverError } from 'txmsg';
import { AtWork, type AtWorkEnvironment, type Send } from './at-work.js';

describe('the work of an AT transaction', () => {
  it('carries out nothing that comes after its end', async () => {
    const work = new AtWork({} as AtWorkEnvironment);
    const send = jest.fn<Send>();
    work.end();
    await expect(work.statement(send, 'UPDATE a SET b = 1')).rejects.toThrow(TransactionOverError);
    expect(() => {
      work.assertIdle();
    }).toThrow(TransactionOverError);
    expect(send).not.toHaveBeenCalled();
  });
});
