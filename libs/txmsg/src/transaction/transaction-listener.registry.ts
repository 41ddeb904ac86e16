import type { EntityManager } from 'typeorm';
import { BatchedHandlers, BatchSize, type BatchedHandler } from '../batching/index.js';
import { quoted } from '../errors/cut-text.js';
import type { DiscoveredListener } from '../options/listener.decorator.js';
import type { TxMsgSettings } from '../options/txmsg.options.js';
import type {
  BatchLocalTransactionListener,
  LocalTransactionItem,
  LocalTransactionListener,
  LocalTransactionOutcome,
} from './local-transaction.js';
import type { TransactionListenerOptions } from './transaction-listener.decorator.js';

const BATCH_SIZE_DEFAULT = 32;
const BATCH_SIZE_MAX = 256;
const GROUP_CHARACTERS_MAX = 128;
const TOPIC_RULE = /^[%a-zA-Z0-9_-]{1,127}$/;

type Listener = Partial<LocalTransactionListener & BatchLocalTransactionListener>;
type Names = TxMsgSettings['names'];

/**
 * A transactional topic with the listener that owns it, under the names of this deployment. Both listener forms look
 * the same from here.
 */
export interface RegisteredTransactionListener {
  /** As the service's code names the topic. */
  readonly topicInCode: string;
  readonly instance: object;
  readonly topic: string;
  /** The producer group. */
  readonly scope: string;
  readonly handlers: BatchedHandlers<LocalTransactionItem, LocalTransactionOutcome>;
  readonly checkLocalTransaction: LocalTransactionListener['checkLocalTransaction'];
}

/** Turns what discovery found into listeners by topic. `problems` names every class that breaks a rule. */
export function registerTransactionListeners(
  found: readonly DiscoveredListener<TransactionListenerOptions>[],
  names: Names,
): {
  listeners: Map<string, RegisteredTransactionListener>;
  problems: string[];
} {
  const listeners = new Map<string, RegisteredTransactionListener>();
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const { className, instance, options } of found) {
    const listener = register(instance, options, names);
    problems.push(...optionProblems(className, options, listener), ...formProblems(className, instance));
    const owner = owners.get(listener.topic);
    if (owner !== undefined) {
      const topic = names.told('topics', options.topic);
      problems.push(
        `Topic ${topic} has two @TransactionListener classes (${owner}, ${className}). A transactional topic belongs to exactly one listener.`,
      );
    }
    owners.set(listener.topic, className);
    listeners.set(listener.topic, listener);
  }
  return { listeners, problems };
}

function register(
  listener: Listener,
  options: TransactionListenerOptions,
  names: Names,
): RegisteredTransactionListener {
  const { batching = true, batchSizeMax = BATCH_SIZE_DEFAULT } = options;
  return {
    topicInCode: options.topic,
    instance: listener,
    topic: names.actual('topics', options.topic),
    scope: names.actual('producerGroups', options.producerGroup),
    handlers:
      listener.executeLocalTransactions === undefined
        ? new BatchedHandlers(
            singleForm(listener as LocalTransactionListener),
            batching ? BatchSize.adaptive(batchSizeMax) : BatchSize.fixed(1),
          )
        : new BatchedHandlers(
            batchForm(listener as BatchLocalTransactionListener),
            BatchSize.fixed(batchSizeMax),
          ),
    checkLocalTransaction: listener.checkLocalTransaction?.bind(listener),
  };
}

/** The single form, never in a batch. */
export function executedAlone(listener: LocalTransactionListener): RegisteredTransactionListener['handlers'] {
  return new BatchedHandlers(singleForm(listener), BatchSize.fixed(1));
}

type Form = BatchedHandler<LocalTransactionItem, LocalTransactionOutcome>;

function singleForm(listener: LocalTransactionListener): Form {
  return {
    all: undefined,
    one: ({ payload, arg }, entityManager) => listener.executeLocalTransaction(payload, arg, entityManager),
    isUndone,
  };
}

function batchForm(listener: BatchLocalTransactionListener): Form {
  return {
    all: (items, entityManager) => executeBatch(listener, items, entityManager),
    one: async (item, entityManager) => {
      const [outcome] = await executeBatch(listener, [item], entityManager);
      if (outcome === undefined) throw new Error('executeLocalTransactions returned no outcome.');
      return outcome;
    },
    isUndone,
  };
}

function isUndone({ outcome }: LocalTransactionOutcome): boolean {
  return outcome === 'ROLLBACK';
}

async function executeBatch(
  listener: BatchLocalTransactionListener,
  items: readonly LocalTransactionItem[],
  entityManager: EntityManager,
): Promise<readonly LocalTransactionOutcome[]> {
  const outcomes = await listener.executeLocalTransactions(items, entityManager);
  if (outcomes.length !== items.length) {
    throw new Error(
      `executeLocalTransactions returned ${outcomes.length} outcomes for ${items.length} items; it must return one for each, in their order.`,
    );
  }
  return outcomes;
}

function optionProblems(
  className: string,
  { batchSizeMax }: TransactionListenerOptions,
  { topic, scope }: RegisteredTransactionListener,
): string[] {
  const problems: string[] = [];
  if (typeof topic !== 'string' || !TOPIC_RULE.test(topic)) {
    problems.push(
      `${className}: the topic ${quoted(topic)} is refused: it must have 1 to 127 characters out of A-Z, a-z, 0-9, "_", "-" and "%".`,
    );
  }
  if (typeof scope !== 'string' || scope.length < 1 || scope.length > GROUP_CHARACTERS_MAX) {
    problems.push(
      `${className}: the producerGroup ${quoted(scope)} is refused: it must have 1 to ${GROUP_CHARACTERS_MAX} characters.`,
    );
  }
  if (
    batchSizeMax !== undefined &&
    (!Number.isInteger(batchSizeMax) || batchSizeMax < 1 || batchSizeMax > BATCH_SIZE_MAX)
  ) {
    problems.push(
      `${className}: batchSizeMax ${batchSizeMax} is refused: it must be a whole number from 1 to ${BATCH_SIZE_MAX}.`,
    );
  }
  return problems;
}

function formProblems(className: string, listener: Listener): string[] {
  const forms = (['executeLocalTransaction', 'executeLocalTransactions'] as const).filter(
    (name) => typeof listener[name] === 'function',
  );
  if (forms.length === 1) return [];
  return [
    `${className} has ${forms.join(' and ') || 'neither executeLocalTransaction nor executeLocalTransactions'}. A @TransactionListener class has exactly one of executeLocalTransaction (single form) and executeLocalTransactions (batch form).`,
  ];
}
