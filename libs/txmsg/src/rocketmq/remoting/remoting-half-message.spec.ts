import { describe, expect, it, jest } from '@jest/globals';
import { BrokerError, BrokerNotReadyError, HalfMessageForgottenError } from '../../errors/index.js';
import { ResolutionLedger } from '../resolution.ledger.js';
import { RemotingHalfMessage } from './remoting-half-message.js';
import { ConnectionLostError, RefusedRequestError, RequestTimeoutError } from './remoting.errors.js';
import type { BrokerLink } from './broker-link.js';
import type { RemotingSender } from './remoting.sender.js';

const RECEIPT = {
  link: {} as BrokerLink,
  messageId: 'm',
  producerGroup: 't',
  transactionId: 'm',
  queueOffset: '1',
  storeOffset: '2',
};
const PATIENT_MS = 30_000;

function halfMessage(...outcomes: (Error | undefined)[]) {
  const end = jest.fn<RemotingSender['end']>();
  for (const outcome of outcomes) {
    if (outcome) end.mockRejectedValueOnce(outcome);
    else end.mockResolvedValueOnce({} as never);
  }
  const half = new RemotingHalfMessage(
    't',
    RECEIPT,
    {},
    { end },
    new ResolutionLedger(),
    new AbortController().signal,
  );
  return { half, end };
}

describe('ending a half message', () => {
  it('is repeated until there is an answer', async () => {
    const { half, end } = halfMessage(
      new RequestTimeoutError('a', 1),
      new ConnectionLostError('a', new Error('reset')),
      new BrokerNotReadyError('ending', 't'),
      new RefusedRequestError(2, '[TIMEOUT_CLEAN_QUEUE]'),
      undefined,
    );
    await half.end('COMMIT', PATIENT_MS);
    expect(end).toHaveBeenCalledTimes(5);
    expect(new Set(end.mock.calls.map(([, resolution]) => resolution))).toEqual(new Set(['COMMIT']));
  });

  it('is not repeated after an answer, neither by itself nor by the caller', async () => {
    const { half, end } = halfMessage(undefined);
    await half.end('COMMIT', PATIENT_MS);
    await half.end('COMMIT', PATIENT_MS);
    expect(end).toHaveBeenCalledTimes(1);
    await expect(half.end('ROLLBACK', PATIENT_MS)).rejects.toThrow('already given COMMIT');
  });

  it('says so when the broker has another message, or none, at its place', async () => {
    const { half } = halfMessage(new RefusedRequestError(1, 'The transaction state table offset wrong'));
    await expect(half.end('COMMIT', PATIENT_MS)).rejects.toThrow(HalfMessageForgottenError);
  });

  it('is not repeated once the broker has another message in its place', async () => {
    const { half, end } = halfMessage(new HalfMessageForgottenError('t'), undefined);
    await expect(half.end('COMMIT', PATIENT_MS)).rejects.toThrow(HalfMessageForgottenError);
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('never sends the other outcome, even when the first did not get through', async () => {
    const { half, end } = halfMessage(new RefusedRequestError(16, 'no'));
    await expect(half.end('ROLLBACK', PATIENT_MS)).rejects.toThrow(BrokerError);
    await expect(half.end('COMMIT', PATIENT_MS)).rejects.toThrow('already given ROLLBACK');
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('ends its tries with its time', async () => {
    const { half } = halfMessage(...Array.from({ length: 50 }, () => new BrokerNotReadyError('ending', 't')));
    await expect(half.end('COMMIT', 150)).rejects.toThrow(BrokerNotReadyError);
  });
});
