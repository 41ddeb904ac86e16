/** The message that the services send; every subscriber of its type is told. */
export interface Work {
  readonly id: string;
  readonly type: string;
  /** By this machine's clock, which the database shares. */
  readonly sentAtMs: number;
}

export const TOPIC = 'topic_bench_notification';
export const CONSUMER_GROUP = 'consumer_group_bench_notification';
export const DATABASE = 'bench_notification';

export const SUBSCRIBERS = 100;
export const MESSAGES_PER_SECOND = 50;
/** Of every ten subscribers these are dead, each in another way. */
export const DEATHS = { 2: 'refuses', 5: 'hangs', 8: 'answers 500' } as const;
export type Death = (typeof DEATHS)[keyof typeof DEATHS];

/** How many subscribers one message may be told to, so that all subscribers hear of as many. */
export const FAN_OUTS = [1, 2, 4, 5, 10, 20, 25, 50, 100] as const;

export interface PlannedSubscriber {
  readonly index: number;
  /** The type of the messages that it hears of; so many others as the fan-out says hear of the same. */
  readonly type: string;
  /** Undefined for one that lives. */
  readonly death: Death | undefined;
}

/** Who hears of what: neighbours share a type, so that the dead stand beside those who live. */
export function planned(fanOut: number): PlannedSubscriber[] {
  return Array.from({ length: SUBSCRIBERS }, (_, index) => ({
    index,
    type: typeOf(Math.floor(index / fanOut)),
    death: (DEATHS as Readonly<Record<number, Death | undefined>>)[index % 10],
  }));
}

/** The types take turns. */
export function typeOfMessage(count: number, fanOut: number): string {
  return typeOf(count % (SUBSCRIBERS / fanOut));
}

function typeOf(index: number): string {
  return `work.${index}`;
}
