/**
 * What the stack sets in RocketMQ's broker; tests override single values. Names and defaults: BrokerConfig and
 * MessageStoreConfig of 5.4.0. A name is added here when it is needed, since the broker ignores unknown
 * ones without a word.
 */
export interface BrokerSettings {
  /**
   * Off: a misspelt topic is an error, and an automatically made one would be of type NORMAL and refuse half
   * messages.
   */
  readonly autoCreateTopicEnable: boolean;
  /**
   * A half message is asked about after this time (ms). It must exceed `transactionOpBatchInterval` by 3 s or
   * more (or by much less when that is 500), else messages that were just committed are asked about and
   * delivered again.
   */
  readonly transactionTimeOut: number;
  /** How often the broker looks for half messages to ask about (ms; its default of 30 s makes crashes slow). */
  readonly transactionCheckInterval: number;
  /**
   * After so many questions a half message is thrown away. An attempt counts even while no producer is
   * connected, so this must outlast any outage: a million times 5 s are 57 days.
   */
  readonly transactionCheckMax: number;
  /** How long the broker gathers the ends of transactions before it writes them (ms). */
  readonly transactionOpBatchInterval: number;
  /** ASYNC_FLUSH loses nothing when the process crashes; SYNC_FLUSH nothing when the machine does, and is slower. */
  readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  /** Files of 1 GB (the default) are made for servers, not for a developer's disk. */
  readonly mappedFileSizeCommitLog: number;
  /** A multiple of 20; every queue of every topic has one such file. */
  readonly mappedFileSizeConsumeQueue: number;
  /** These two make the index a file of 42 MB instead of 420. */
  readonly maxHashSlotNum: number;
  readonly maxIndexNum: number;
  /** A restarted name server knows no broker until the next registration (ms; 10 s is the least allowed). */
  readonly registerNameServerPeriod: number;
  /** Writing the unused timer wheel to disk every second (its default, in ms) costs 8 % of a core all the time. */
  readonly timerFlushIntervalMs: number;
  /** Each of these queues (default: 8) takes half a second of the broker's clean stop. */
  readonly reviveQueueNum: number;
  /** On a disk that is fuller than this (per cent) the broker deletes old messages; a developer's often is. */
  readonly diskMaxUsedSpaceRatio: number;
  /** A message, half or not, that has waited for the broker's thread for this long (ms) is refused. @default 200 */
  readonly waitTimeMillsInSendQueue?: number;
  /** While one message takes longer than this (ms) to be written, all others are refused. @default 1000 */
  readonly osPageCacheBusyTimeOutMills?: number;
}

export const DEFAULT_BROKER_SETTINGS: BrokerSettings = {
  autoCreateTopicEnable: false,
  transactionTimeOut: 6000,
  transactionCheckInterval: 5000,
  transactionCheckMax: 1_000_000,
  transactionOpBatchInterval: 3000,
  flushDiskType: 'ASYNC_FLUSH',
  mappedFileSizeCommitLog: 134_217_728,
  mappedFileSizeConsumeQueue: 1_200_000,
  maxHashSlotNum: 500_000,
  maxIndexNum: 2_000_000,
  registerNameServerPeriod: 10_000,
  timerFlushIntervalMs: 10_000,
  reviveQueueNum: 2,
  diskMaxUsedSpaceRatio: 95,
};

/** For tests that wait for check-backs: the first comes after 2 to 3 s, then one every second. */
export const EARLY_CHECK_BROKER_SETTINGS: Partial<BrokerSettings> = {
  transactionTimeOut: 2000,
  transactionCheckInterval: 1000,
  transactionOpBatchInterval: 500,
};

/**
 * For the broker that the test files share: it also refuses no message merely because the machine is busy. Other local
 * stacks, those of chaos runs and benchmarks too, keep RocketMQ's own limits.
 */
export const TEST_BROKER_SETTINGS: Partial<BrokerSettings> = {
  ...EARLY_CHECK_BROKER_SETTINGS,
  waitTimeMillsInSendQueue: 10_000,
  osPageCacheBusyTimeOutMills: 10_000,
};
