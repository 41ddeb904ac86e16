/**
 * How large a message may be, and what parsing its JSON may take. A message beyond a limit is never parsed: a received one
 * becomes a dead letter at once (`POISON`), and one to be sent is refused before anything is done. With a limit that is out
 * of its range the service does not start.
 */
export interface MessageLimits {
  /**
   * Bytes of the body, decompressed: 1024 to 3 145 728. A larger one is cut when it arrives: its dead letter keeps the first bytes
   * and cannot be re-driven.
   * @default 65 536
   */
  readonly bodyBytesMax: number;
  /** How deep objects and arrays may be nested: 1 to 1000. @default 32 */
  readonly depthMax: number;
  /** Values in all, members of objects and items of arrays: 1 to 1 000 000. @default 5000 */
  readonly valuesMax: number;
  /** Bytes of one string, or of one object's key, as it is written: 64 to 3 145 728. @default 16 384 */
  readonly stringBytesMax: number;
  /** Characters of one number, as it is written: 16 to 10 000. @default 128 */
  readonly numberCharactersMax: number;
}

/** For each limit its default and the values that it may have. */
const RANGES = {
  // Three quarters of what RocketMQ takes with everything; a dead letter's row must fit into one packet of MySQL.
  bodyBytesMax: { default: 65_536, min: 1024, max: 3_145_728 },
  depthMax: { default: 32, min: 1, max: 1000 },
  valuesMax: { default: 5000, min: 1, max: 1_000_000 },
  stringBytesMax: { default: 16_384, min: 64, max: 3_145_728 },
  numberCharactersMax: { default: 128, min: 16, max: 10_000 },
} as const satisfies Record<keyof MessageLimits, { default: number; min: number; max: number }>;

const NAMES = Object.keys(RANGES) as (keyof MessageLimits)[];

/** Fills in the defaults. `problems` has a sentence for every limit that is out of range. */
export function resolveLimits(given: Partial<MessageLimits> = {}): {
  limits: MessageLimits;
  problems: string[];
} {
  const entries = NAMES.map((name) => [name, given[name] ?? RANGES[name].default] as const);
  const problems = entries.flatMap(([name, value]) => {
    const { min, max } = RANGES[name];
    if (Number.isInteger(value) && value >= min && value <= max) return [];
    return [`messageLimits.${name}: ${value} is refused: it must be a whole number from ${min} to ${max}.`];
  });
  return { limits: Object.fromEntries(entries) as unknown as MessageLimits, problems };
}

export const DEFAULT_MESSAGE_LIMITS: MessageLimits = resolveLimits().limits;
