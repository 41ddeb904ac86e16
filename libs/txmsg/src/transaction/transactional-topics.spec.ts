import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from '../errors/index.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';
import type { TransactionalTopic } from './transactional-topic.js';
import { TransactionalTopics } from './transactional-topics.js';

class Payments {
  readonly name = 'a listener';
}
class CardPayments extends Payments {}
class CashPayments extends Payments {}

/** The topic of each is its position. */
function topicsOf(...listeners: readonly Payments[]): TransactionalTopics {
  const topics = new TransactionalTopics();
  listeners.forEach((instance, index) => {
    const listener = { instance, topicInCode: `t${index}` } as unknown as RegisteredTransactionListener;
    topics.add(listener, index as unknown as TransactionalTopic);
  });
  return topics;
}

describe('TransactionalTopics', () => {
  it('finds the topic of the class itself before that of a subclass', () => {
    const topics = topicsOf(new CardPayments(), new Payments());
    expect(topics.get(Payments)).toBe(1);
    expect(topics.get(CardPayments)).toBe(0);
    expect(topics.get('t1')).toBe(1);
  });

  it('takes the only subclass for its base class, and refuses to choose among several', () => {
    expect(topicsOf(new CardPayments()).get(Payments)).toBe(0);
    const topics = topicsOf(new CardPayments(), new CashPayments());
    expect(() => topics.get(Payments)).toThrow(/several listeners extend this class/);
  });

  it('refuses what nobody listens for, with what is known', () => {
    const topics = topicsOf(new Payments());
    expect(() => topics.get('t9')).toThrow(InvalidArgumentError);
    expect(() => topics.get(CashPayments)).toThrow(/known are: t0/);
  });
});
