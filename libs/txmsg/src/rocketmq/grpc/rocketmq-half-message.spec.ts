import { status } from '@grpc/grpc-js';
import { ClientException } from 'rocketmq-client-nodejs';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  BrokerError,
  BrokerNotReadyError,
  BrokerTimeoutError,
  HalfMessageForgottenError,
} from '../../errors/index.js';
import { Code } from './client-protocol.js';
import { ResolutionLedger } from '../resolution.ledger.js';
import type { HalfMessageReceipt, ProducerClient } from './producer.client.js';
import { RocketmqHalfMessage } from './rocketmq-half-message.js';

const unanswered = (code: number) => Object.assign(new Error(`gRPC ${code}`), { code });

describe('ending a half message', () => {
  let endHalfMessage: jest.Mock<ProducerClient['endHalfMessage']>;
  let closing: AbortController;
  let half: RocketmqHalfMessage;
  let current: jest.Mock<() => ProducerClient>;

  beforeEach(() => {
    endHalfMessage = jest.fn<ProducerClient['endHalfMessage']>().mockResolvedValue();
    current = jest
      .fn<() => ProducerClient>()
      .mockReturnValue({ endHalfMessage } as unknown as ProducerClient);
    closing = new AbortController();
    const receipt = { messageId: 'm', transactionId: 'm' } as HalfMessageReceipt;
    half = new RocketmqHalfMessage(
      't',
      receipt,
      {},
      { current, signal: closing.signal },
      new ResolutionLedger(),
    );
  });

  it('tries again after gRPC 14 and 4 and while there is no connection', async () => {
    endHalfMessage.mockRejectedValueOnce(unanswered(status.UNAVAILABLE));
    endHalfMessage.mockRejectedValueOnce(unanswered(status.DEADLINE_EXCEEDED));
    current.mockImplementationOnce(() => {
      throw new BrokerNotReadyError('ending', 't');
    });
    await half.end('COMMIT', 10_000);
    expect(current).toHaveBeenCalledTimes(4);
    expect(endHalfMessage.mock.calls.every(([, resolution]) => resolution === 'COMMIT')).toBe(true);
  });

  it('gives up at its deadline with what it met last', async () => {
    endHalfMessage.mockRejectedValue(unanswered(status.DEADLINE_EXCEEDED));
    await expect(half.end('ROLLBACK', 150)).rejects.toThrow(BrokerTimeoutError);
    endHalfMessage.mockRejectedValue(unanswered(status.UNAVAILABLE));
    await expect(half.end('ROLLBACK', 150)).rejects.toThrow(BrokerError);
  });

  it('stops at a refusal: the broker has forgotten the transaction, or obeyed before', async () => {
    const refusal = new ClientException(Code.INTERNAL_SERVER_ERROR, 'cannot found transaction data');
    endHalfMessage.mockRejectedValue(refusal);
    await expect(half.end('COMMIT', 10_000)).rejects.toThrow(HalfMessageForgottenError);
    await expect(half.end('COMMIT', 10_000)).rejects.toMatchObject({ cause: refusal });
    expect(endHalfMessage).toHaveBeenCalledTimes(2);
  });

  it('never sends the other resolution, whatever became of the first', async () => {
    endHalfMessage.mockRejectedValue(unanswered(status.UNAVAILABLE));
    await expect(half.end('COMMIT', 0)).rejects.toThrow(BrokerError);
    await expect(half.end('ROLLBACK', 10_000)).rejects.toThrow('already given COMMIT');
    expect(endHalfMessage.mock.calls.map(([, resolution]) => resolution)).toEqual(['COMMIT']);
  });

  it('stops when the producer is closed', async () => {
    endHalfMessage.mockImplementation(() => {
      closing.abort();
      return Promise.reject(unanswered(status.UNAVAILABLE));
    });
    await expect(half.end('COMMIT', 60_000)).rejects.toThrow(BrokerError);
    expect(endHalfMessage).toHaveBeenCalledTimes(1);
  });
});
