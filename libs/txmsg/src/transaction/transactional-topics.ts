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
   * @throws InvalidArgumentError, also for a class that only its subclasses listen for, when there are several of them
   */
  get(wanted: string | Type): TransactionalTopic {
    const found = typeof wanted === 'string' ? this.named(wanted) : this.ofClass(wanted);
    if (found !== undefined) return found.topic;
    const known = this.entries.map(({ listener }) => listener.topicInCode).join(', ');
    throw new InvalidArgumentError(
      'topic',
      typeof wanted === 'string' ? wanted : wanted.name,
      `it needs a provider class with @TransactionListener({ topic }) in this service, and a started application; known are: ${known || 'none'}`,
    );
  }

  private named(topic: string): Entry | undefined {
    return this.entries.find(({ listener }) => listener.topicInCode === topic);
  }

  /** A subclass stands for its base class, as providers do, unless the base class has a topic of its own. */
  private ofClass(wanted: Type): Entry | undefined {
    const own = this.entries.find(({ listener }) => listener.instance.constructor === wanted);
    if (own !== undefined) return own;
    const [first, ...others] = this.entries.filter(({ listener }) => listener.instance instanceof wanted);
    if (others.length === 0) return first;
    throw new InvalidArgumentError(
      'topic',
      wanted.name,
      'several listeners extend this class, and it has no topic itself; name the topic, or the class of one of them',
    );
  }
}
