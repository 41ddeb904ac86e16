import { Injectable, type Type } from '@nestjs/common';
import { InvalidArgumentError } from '../errors/index.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';
import type { TransactionalTopic } from './transactional-topic.js';

interface Entry {
  readonly listener: RegisteredTransactionListener;
  readonly topic: TransactionalTopic;
}

/** The transactional topics of this service; filled once, when the application starts. */
@Injectable()
export class TransactionalTopics {
  private readonly entries: Entry[] = [];

  add(listener: RegisteredTransactionListener, topic: TransactionalTopic): void {
    this.entries.push({ listener, topic });
  }

  /**
   * @param wanted - the topic as the listener's decorator names it, or the listener's class
   * @throws InvalidArgumentError
   */
  get(wanted: string | Type): TransactionalTopic {
    const found = this.entries.find(({ listener }) =>
      typeof wanted === 'string' ? listener.topicInCode === wanted : listener.instance instanceof wanted,
    );
    if (found !== undefined) return found.topic;
    const known = this.entries.map(({ listener }) => listener.topicInCode).join(', ');
    throw new InvalidArgumentError(
      'topic',
      typeof wanted === 'string' ? wanted : wanted.name,
      `it needs a provider class with @TransactionListener({ topic }) in this service, and a started application; known are: ${known || 'none'}`,
    );
  }
}
