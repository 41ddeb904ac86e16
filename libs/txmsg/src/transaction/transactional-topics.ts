import { InvalidArgumentError } from '../errors/index.js';
import type { TransactionalTopic } from './transactional-topic.js';

/** The transactional topics of this service; filled once, when the application starts. */
export class TransactionalTopics {
  private readonly topics = new Map<string, TransactionalTopic>();

  add(topic: string, entry: TransactionalTopic): void {
    this.topics.set(topic, entry);
  }

  /** @throws InvalidArgumentError */
  get(topic: string): TransactionalTopic {
    const found = this.topics.get(topic);
    if (found === undefined) {
      const known = [...this.topics.keys()].join(', ');
      throw new InvalidArgumentError(
        'topic',
        topic,
        `it needs a provider class with @TransactionListener({ topic }) in this service, and an application that has started; known topics: ${known || 'none'}`,
      );
    }
    return found;
  }
}
