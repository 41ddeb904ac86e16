import type {
  BatchLocalTransactionListener,
  LocalTransactionItem,
  LocalTransactionListener,
  LocalTransactionOutcome,
} from './local-transaction.js';
import type { EntityManager } from 'typeorm';
import type { TransactionListenerOptions } from './transaction-listener.decorator.js';

const BATCH_SIZE_DEFAULT = 16;
const TOPIC_RULE = /^[%a-zA-Z0-9_-]{1,127}$/;

type Listener = Partial<LocalTransactionListener & BatchLocalTransactionListener>;

/** A transactional topic with the listener that owns it. Both listener forms look the same from here. */
export interface RegisteredTransactionListener {
  readonly topic: string;
  readonly scope: string;
  readonly batchSizeMax: number;
  readonly checkLocalTransaction: LocalTransactionListener['checkLocalTransaction'];
  execute(
    items: readonly LocalTransactionItem[],
    entityManager: EntityManager,
  ): Promise<readonly LocalTransactionOutcome[]>;
}

/** A class that carries `@TransactionListener`, as discovery found it. */
export interface DiscoveredTransactionListener {
  readonly className: string;
  readonly instance: object;
  readonly options: TransactionListenerOptions;
}

/** Turns what discovery found into listeners by topic. `problems` names every class that breaks a rule. */
export function registerTransactionListeners(found: readonly DiscoveredTransactionListener[]): {
  listeners: Map<string, RegisteredTransactionListener>;
  problems: string[];
} {
  const listeners = new Map<string, RegisteredTransactionListener>();
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const { className, instance, options } of found) {
    const listener: Listener = instance;
    problems.push(...optionProblems(className, options), ...formProblems(className, listener));
    const owner = owners.get(options.topic);
    if (owner !== undefined) {
      problems.push(
        `Topic "${options.topic}" has two @TransactionListener classes (${owner}, ${className}). A transactional topic belongs to exactly one listener.`,
      );
    }
    owners.set(options.topic, className);
    listeners.set(options.topic, register(listener, options));
  }
  return { listeners, problems };
}

function register(listener: Listener, options: TransactionListenerOptions): RegisteredTransactionListener {
  const isBatch = listener.executeLocalTransactions !== undefined;
  return {
    topic: options.topic,
    scope: options.producerGroup,
    batchSizeMax: isBatch ? (options.batchSizeMax ?? BATCH_SIZE_DEFAULT) : 1,
    checkLocalTransaction: listener.checkLocalTransaction?.bind(listener),
    execute: isBatch
      ? (items, entityManager) =>
          executeBatch(listener as BatchLocalTransactionListener, items, entityManager)
      : (items, entityManager) => executeEach(listener as LocalTransactionListener, items, entityManager),
  };
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

async function executeEach(
  listener: LocalTransactionListener,
  items: readonly LocalTransactionItem[],
  entityManager: EntityManager,
): Promise<readonly LocalTransactionOutcome[]> {
  const outcomes: LocalTransactionOutcome[] = [];
  for (const { payload, arg } of items) {
    outcomes.push(await listener.executeLocalTransaction(payload, arg, entityManager));
  }
  return outcomes;
}

function optionProblems(
  className: string,
  { topic, producerGroup, batchSizeMax }: TransactionListenerOptions,
): string[] {
  const problems: string[] = [];
  if (!TOPIC_RULE.test(topic))
    problems.push(`${className}: topic "${topic}" must match ${TOPIC_RULE.source}`);
  if (producerGroup.length < 1 || producerGroup.length > 128) {
    problems.push(`${className}: producerGroup "${producerGroup}" must have 1 to 128 characters`);
  }
  if (
    batchSizeMax !== undefined &&
    (!Number.isInteger(batchSizeMax) || batchSizeMax < 1 || batchSizeMax > 256)
  ) {
    problems.push(`${className}: batchSizeMax ${batchSizeMax} must be a whole number from 1 to 256`);
  }
  return problems;
}

function formProblems(className: string, listener: Listener): string[] {
  const forms = [listener.executeLocalTransaction, listener.executeLocalTransactions];
  if (forms.filter((form) => typeof form === 'function').length === 1) return [];
  return [
    `${className}: a @TransactionListener class has exactly one of executeLocalTransaction and executeLocalTransactions`,
  ];
}
