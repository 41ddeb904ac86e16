import type { EntityManager } from 'typeorm';
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from '../limits/index.js';
import type { BatchMessageHandler, Ignored, MessageHandler, MessageItem } from './message-handler.js';
import type { MessageListenerOptions, PayloadClass } from './message-listener.decorator.js';

const DEFAULTS = { attemptsMax: 16, concurrency: 8, batchSizeMax: 16 } as const;

type Handler = Partial<MessageHandler & BatchMessageHandler>;

/** A topic's handler for one consumer group. Both handler forms look the same from here. */
export interface RegisteredMessageListener {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly payload: PayloadClass;
  readonly txNo: (payload: object) => unknown;
  readonly attemptsMax: number;
  readonly concurrency: number;
  /** 1 for the single form. */
  readonly batchSizeMax: number;
  /** What a message of it may cost at most. */
  readonly limits: MessageLimits;
  normalize(payload: object): object;
  /** For each item, in their order, the reason when it is to be ignored. */
  handle(
    items: readonly MessageItem[],
    entityManager: EntityManager,
  ): Promise<readonly (Ignored | undefined)[]>;
  readonly onDeadLetter: MessageHandler<object>['onDeadLetter'];
  readonly onDismiss: MessageHandler<object>['onDismiss'];
}

/** A class that carries `@MessageListener`, as discovery found it. */
export interface DiscoveredMessageListener {
  readonly className: string;
  readonly instance: object;
  readonly options: MessageListenerOptions;
}

/** Turns what discovery found into listeners. `problems` names every class that breaks a rule. */
export function registerMessageListeners(
  found: readonly DiscoveredMessageListener[],
  limits: MessageLimits = DEFAULT_MESSAGE_LIMITS,
): {
  listeners: RegisteredMessageListener[];
  problems: string[];
} {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  const listeners = found.map(({ className, instance, options }) => {
    const handler: Handler = instance;
    problems.push(...optionProblems(className, options), ...formProblems(className, handler));
    const owner = owners.get(options.consumerGroup);
    if (owner !== undefined) {
      problems.push(
        `Consumer group "${options.consumerGroup}" has two @MessageListener classes (${owner}, ${className}). A group consumes one topic in one way.`,
      );
    }
    owners.set(options.consumerGroup, className);
    return register(handler, options, limits);
  });
  return { listeners, problems };
}

function register(
  handler: Handler,
  options: MessageListenerOptions,
  limits: MessageLimits,
): RegisteredMessageListener {
  const isBatch = handler.onMessages !== undefined;
  const { txNo } = options;
  return {
    topic: options.topic,
    consumerGroup: options.consumerGroup,
    payload: options.payload,
    txNo: (payload) => (txNo === undefined ? (payload as { txNo?: unknown }).txNo : txNo(payload as never)),
    attemptsMax: options.attemptsMax ?? DEFAULTS.attemptsMax,
    concurrency: options.concurrency ?? DEFAULTS.concurrency,
    batchSizeMax: isBatch ? (options.batchSizeMax ?? DEFAULTS.batchSizeMax) : 1,
    limits,
    normalize: (payload) => (handler.normalizePayload?.(payload) as object | undefined) ?? payload,
    handle: isBatch
      ? (items, entityManager) => handleBatch(handler as BatchMessageHandler, items, entityManager)
      : (items, entityManager) => handleSingle(handler as MessageHandler, items, entityManager),
    onDeadLetter: handler.onDeadLetter?.bind(handler),
    onDismiss: handler.onDismiss?.bind(handler),
  };
}

/** The single form gets one message at a time. */
async function handleSingle(
  handler: MessageHandler,
  [item]: readonly MessageItem[],
  entityManager: EntityManager,
): Promise<readonly (Ignored | undefined)[]> {
  if (item === undefined) return [];
  return [(await handler.onMessage(item.payload, entityManager, item.message)) ?? undefined];
}

async function handleBatch(
  handler: BatchMessageHandler,
  items: readonly MessageItem[],
  entityManager: EntityManager,
): Promise<readonly (Ignored | undefined)[]> {
  const answers = (await handler.onMessages(items, entityManager)) ?? items.map(() => undefined);
  if (answers.length !== items.length) {
    throw new Error(
      `onMessages returned ${answers.length} answers for ${items.length} messages; it must return nothing, or one for each, in their order.`,
    );
  }
  return answers;
}

function optionProblems(className: string, options: MessageListenerOptions): string[] {
  const problems: string[] = [];
  const { topic, consumerGroup } = options;
  if (topic.length < 1 || topic.length > 127)
    problems.push(`${className}: topic "${topic}" must have 1 to 127 characters`);
  if (consumerGroup.length < 1 || consumerGroup.length > 128) {
    problems.push(`${className}: consumerGroup "${consumerGroup}" must have 1 to 128 characters`);
  }
  const limits = { attemptsMax: 1_000_000, concurrency: 1024, batchSizeMax: 256 } as const;
  for (const name of ['attemptsMax', 'concurrency', 'batchSizeMax'] as const) {
    const value = options[name];
    if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > limits[name])) {
      problems.push(`${className}: ${name} ${value} must be a whole number from 1 to ${limits[name]}`);
    }
  }
  return problems;
}

function formProblems(className: string, handler: Handler): string[] {
  const forms = [handler.onMessage, handler.onMessages];
  if (forms.filter((form) => typeof form === 'function').length === 1) return [];
  return [`${className}: a @MessageListener class has exactly one of onMessage and onMessages`];
}
