/** The scope under which OpenTelemetry knows the library's tracer and meter. */
export const SCOPE = 'txmsg';

/** Attributes of OpenTelemetry's messaging conventions; a test compares them with the published ones. */
export const ATTRIBUTE = {
  system: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  consumerGroup: 'messaging.consumer.group.name',
  messageId: 'messaging.message.id',
  batchMessageCount: 'messaging.batch.message_count',
  messageType: 'messaging.rocketmq.message.type',
  messageKeys: 'messaging.rocketmq.message.keys',
  errorType: 'error.type',
} as const;

/** Values of those attributes. */
export const VALUE = {
  system: 'rocketmq',
  send: 'send',
  receive: 'receive',
  process: 'process',
  settle: 'settle',
  transaction: 'transaction',
  normal: 'normal',
  otherError: '_OTHER',
} as const;

/** Attributes of our own. */
export const OWN_ATTRIBUTE = {
  outcome: 'txmsg.outcome',
  answer: 'txmsg.answer',
  state: 'txmsg.state',
  role: 'txmsg.role',
  reason: 'txmsg.reason',
  pool: 'txmsg.pool',
  reading: 'txmsg.reading',
  deliveryAttempt: 'txmsg.delivery_attempt',
  jobKind: 'txmsg.job.kind',
  jobKey: 'txmsg.job.key',
} as const;

/** Metrics of OpenTelemetry's messaging conventions. */
export const METRIC = {
  operationDuration: 'messaging.client.operation.duration',
  sentMessages: 'messaging.client.sent.messages',
  consumedMessages: 'messaging.client.consumed.messages',
  processDuration: 'messaging.process.duration',
} as const;

/** Metrics of our own (docs/OBSERVABILITY.md). */
export const OWN_METRIC = {
  sends: 'txmsg.sends',
  localTransactionDuration: 'txmsg.local_transaction.duration',
  checkBacks: 'txmsg.check_backs',
  unknownCommits: 'txmsg.commits.unknown',
  duplicates: 'txmsg.duplicates',
  redeliveries: 'txmsg.redeliveries',
  deadLettersStored: 'txmsg.dead_letters.stored',
  deadLettersOpen: 'txmsg.dead_letters.open',
  outboxPending: 'txmsg.outbox.pending',
  outboxOldestAge: 'txmsg.outbox.oldest.age',
  jobs: 'txmsg.jobs',
  batchSize: 'txmsg.batch.size',
  poolWaiters: 'txmsg.pool.waiters',
  endToEndDuration: 'txmsg.end_to_end.duration',
  readingsFailed: 'txmsg.readings.failed',
} as const;
