import type { EntityManager } from 'typeorm';
import { BatchedHandlers, BatchSize, type BatchedHandler } from '../batching/index.js';
import { quoted } from '../errors/cut-text.js';
import type { MessageLimits } from '../limits/index.js';
import type { DiscoveredListener } from '../options/listener.decorator.js';
import { ATTEMPTS_RANGE, GATHER_RANGE, type TxMsgSettings } from '../options/txmsg.options.js';
import type { BatchMessageHandler, Ignored, MessageHandler, MessageItem } from './message-handler.js';
import type { MessageListenerOptions, PayloadClass } from './message-listener.decorator.js';

const DEFAULTS = { concurrency: { single: 8, batch: 2 }, batchSizeMax: 32 } as const;
const NUMBER_RANGES = {
  attemptsMax: ATTEMPTS_RANGE,
  concurrency: { min: 1, max: 1024 },
  batchSizeMax: { min: 1, max: 256 },
  gatherMs: GATHER_RANGE,
} as const;
const TOPIC_CHARACTERS_MAX = 127;
const GROUP_CHARACTERS_MAX = 128;

type Handler = Partial<MessageHandler & BatchMessageHandler>;
type Settings = Pick<TxMsgSettings, 'messageLimits' | 'names' | 'handlerAttemptsMax'>;

/** A topic's handler for one consumer group, under the names of this deployment. Both handler forms look the same from here. */
export interface RegisteredMessageListener {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly payload: PayloadClass;
  readonly txNo: (payload: object) => unknown;
  readonly attemptsMax: number;
  readonly concurrency: number;
  readonly gatherMs: number;
  /** What a message of it may cost at most. */
  readonly limits: MessageLimits;
  normalize(payload: object): object;
  /** Answers with the reason for an item that is to be ignored. */
  readonly handlers: BatchedHandlers<MessageItem, Ignored | undefined>;
  readonly onDeadLetter: MessageHandler<object>['onDeadLetter'];
  /** Answers with the reason when the dismissal is to leave no barrier row. */
  readonly onDismiss: ((payload: object, manager: EntityManager) => Promise<Ignored | undefined>) | undefined;
}

/** Turns what discovery found into listeners. `problems` names every class that breaks a rule. */
export function registerMessageListeners(
  found: readonly DiscoveredListener<MessageListenerOptions>[],
  settings: Settings,
): {
  listeners: RegisteredMessageListener[];
  problems: string[];
} {
  const { names } = settings;
  const owners = new Map<string, string>();
  const problems: string[] = [];
  const listeners = found.map(({ className, instance, options }) => {
    const handler: Handler = instance;
    const listener = register(handler, options, settings);
    problems.push(...optionProblems(className, options, listener), ...formProblems(className, handler));
    const owner = owners.get(listener.consumerGroup);
    if (owner !== undefined) {
      const group = names.told('consumerGroups', options.consumerGroup);
      problems.push(
        `Consumer group ${group} has two @MessageListener classes (${owner}, ${className}). A group consumes one topic in one way: give each class a group of its own.`,
      );
    }
    owners.set(listener.consumerGroup, className);
    return listener;
  });
  return { listeners, problems };
}

function register(
  handler: Handler,
  options: MessageListenerOptions,
  { names, messageLimits, handlerAttemptsMax }: Settings,
): RegisteredMessageListener {
  const isBatch = handler.onMessages !== undefined;
  const { txNo, batching = true, batchSizeMax = DEFAULTS.batchSizeMax } = options;
  return {
    topic: names.actual('topics', options.topic),
    consumerGroup: names.actual('consumerGroups', options.consumerGroup),
    payload: options.payload,
    txNo: (payload) => (txNo === undefined ? (payload as { txNo?: unknown }).txNo : txNo(payload as never)),
    attemptsMax: options.attemptsMax ?? handlerAttemptsMax,
    concurrency: options.concurrency ?? DEFAULTS.concurrency[isBatch ? 'batch' : 'single'],
    gatherMs: options.gatherMs ?? GATHER_RANGE.default,
    limits: messageLimits,
    normalize: (payload) => (handler.normalizePayload?.(payload) as object | undefined) ?? payload,
    handlers: isBatch
      ? new BatchedHandlers(batchForm(handler as BatchMessageHandler), BatchSize.fixed(batchSizeMax))
      : new BatchedHandlers(
          singleForm(handler as MessageHandler),
          batching ? BatchSize.adaptive(batchSizeMax) : BatchSize.fixed(1),
        ),
    onDeadLetter: handler.onDeadLetter?.bind(handler),
    onDismiss:
      handler.onDismiss &&
      (async (payload, manager) => answerOf(await handler.onDismiss?.(payload, manager))),
  };
}

function singleForm(handler: MessageHandler): BatchedHandler<MessageItem, Ignored | undefined> {
  return {
    all: undefined,
    one: async ({ payload, message }, entityManager) =>
      answerOf(await handler.onMessage(payload, entityManager, message)),
    isUndone,
  };
}

function batchForm(handler: BatchMessageHandler): BatchedHandler<MessageItem, Ignored | undefined> {
  return {
    all: (items, entityManager) => handleBatch(handler, items, entityManager),
    one: async (item, entityManager) => (await handleBatch(handler, [item], entityManager))[0],
    isUndone,
  };
}

function isUndone(answer: Ignored | undefined): boolean {
  return answer !== undefined;
}

/** Whatever else a handler returns, such as the result of its last statement, means that it is done. */
function answerOf(returned: unknown): Ignored | undefined {
  const reason: unknown = (returned as Partial<Ignored> | null | undefined)?.ignored;
  return typeof reason === 'string' ? { ignored: reason } : undefined;
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
  return answers.map(answerOf);
}

function optionProblems(
  className: string,
  options: MessageListenerOptions,
  { topic, consumerGroup }: RegisteredMessageListener,
): string[] {
  const problems: string[] = [];
  const payload: unknown = options.payload;
  if (!hasLength(topic, TOPIC_CHARACTERS_MAX)) {
    problems.push(
      `${className}: the topic ${quoted(topic)} is refused: it must have 1 to ${TOPIC_CHARACTERS_MAX} characters.`,
    );
  }
  if (!hasLength(consumerGroup, GROUP_CHARACTERS_MAX)) {
    problems.push(
      `${className}: the consumerGroup ${quoted(consumerGroup)} is refused: it must have 1 to ${GROUP_CHARACTERS_MAX} characters.`,
    );
  }
  // Undefined where two files import each other: the class is not there yet when the decorator is applied.
  if (typeof payload !== 'function') {
    problems.push(
      `${className}: the payload ${quoted(payload)} is refused: it must be the class of the messages.`,
    );
  }
  for (const name of ['attemptsMax', 'concurrency', 'batchSizeMax', 'gatherMs'] as const) {
    const value = options[name];
    const { min, max } = NUMBER_RANGES[name];
    if (value !== undefined && (!Number.isInteger(value) || value < min || value > max)) {
      problems.push(
        `${className}: ${name} ${value} is refused: it must be a whole number from ${min} to ${max}.`,
      );
    }
  }
  return problems;
}

function hasLength(name: unknown, charactersMax: number): boolean {
  return typeof name === 'string' && name.length >= 1 && name.length <= charactersMax;
}

function formProblems(className: string, handler: Handler): string[] {
  const forms = (['onMessage', 'onMessages'] as const).filter((name) => typeof handler[name] === 'function');
  if (forms.length === 1) return [];
  return [
    `${className} has ${forms.join(' and ') || 'neither onMessage nor onMessages'}. A @MessageListener class has exactly one of onMessage (single form) and onMessages (batch form).`,
  ];
}
