import { DiscoveryService } from '@nestjs/core';

export interface TransactionListenerOptions {
  /** The transactional topic. It belongs to exactly one listener, and to one service. */
  readonly topic: string;
  /** Names the barrier's scope; every instance of the service uses the same one. */
  readonly producerGroup: string;
  /**
   * The most callers that share one database transaction, for listeners in the batch form.
   * @default 16
   */
  readonly batchSizeMax?: number;
}

/**
 * Marks a provider as the local transaction of a transactional topic. The class implements
 * `LocalTransactionListener` or `BatchLocalTransactionListener`.
 */
export const TransactionListener = DiscoveryService.createDecorator<TransactionListenerOptions>();
