import type {
  CheckBackAnswer,
  CheckBackHandler,
  IncomingMessage,
  OutgoingMessage,
  TransactionResolution,
} from '../broker/index.js';
import { MessageIdentity } from '../rocketmq/message-identity.js';
import { InMemoryGroup } from './in-memory-group.js';

/** A half message, and what became of it. */
export interface StoredHalfMessage {
  /** As it was sent. */
  readonly message: IncomingMessage;
  /** Every resolution that arrived, in order. A correct sender never sends two different ones. */
  readonly resolutions: TransactionResolution[];
  /** How often the broker asked about it. */
  timesAsked: number;
}

/** A producer that can be asked about half messages. */
export interface CheckBackResponder {
  isReady(): boolean;
  readonly checkBack: CheckBackHandler;
}

const identity = new MessageIdentity();

/** One topic: its half messages, its messages, and the groups that consume them from the first one on. */
export class InMemoryTopic {
  readonly halfMessages: StoredHalfMessage[] = [];
  readonly responders = new Set<CheckBackResponder>();
  private readonly messages: IncomingMessage[] = [];
  private readonly groups = new Map<string, InMemoryGroup>();
  isTransactional = false;

  constructor(readonly name: string) {}

  group(name: string): InMemoryGroup {
    let group = this.groups.get(name);
    if (!group) {
      group = new InMemoryGroup();
      for (const message of this.messages) group.add(message);
      this.groups.set(name, group);
    }
    return group;
  }

  storeHalfMessage(message: OutgoingMessage): StoredHalfMessage {
    const half: StoredHalfMessage = { message: receivedForm(message), resolutions: [], timesAsked: 0 };
    this.halfMessages.push(half);
    return half;
  }

  store(message: OutgoingMessage): IncomingMessage {
    const received = receivedForm(message);
    this.publish(received);
    return received;
  }

  /** Every COMMIT delivers, even after a ROLLBACK, as in RocketMQ (measured, 5.4.0). */
  end(half: StoredHalfMessage, resolution: TransactionResolution): void {
    half.resolutions.push(resolution);
    if (resolution === 'COMMIT') this.publish(half.message);
  }

  publish(message: IncomingMessage): void {
    this.messages.push(message);
    for (const group of this.groups.values()) group.add(message);
  }

  async runCheckBacks(lose: () => boolean): Promise<CheckBackAnswer[]> {
    const open = this.halfMessages.filter((half) => half.resolutions.length === 0);
    return Promise.all(open.map((half) => this.askAbout(half, lose)));
  }

  private async askAbout(half: StoredHalfMessage, lose: () => boolean): Promise<CheckBackAnswer> {
    const living = [...this.responders].filter((responder) => responder.isReady());
    const asked = living[Math.floor(Math.random() * living.length)];
    if (!asked) return 'UNKNOWN';
    half.timesAsked += 1;
    const { messageId, topic, keys, properties, bornAtMs } = half.message;
    const head = { messageId, topic, keys, properties, bornAtMs };
    const answer = await asked.checkBack(head).catch(() => 'UNKNOWN' as const);
    if (answer !== 'UNKNOWN' && asked.isReady() && !lose()) this.end(half, answer);
    return answer;
  }
}

function receivedForm({ topic, key, body, properties }: OutgoingMessage): IncomingMessage {
  return {
    messageId: identity.next(),
    topic,
    keys: [key],
    body: Buffer.from(body),
    properties: { ...properties },
    bornAtMs: Date.now(),
  };
}
