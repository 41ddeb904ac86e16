/** The options that must fit together, in ms. */
export interface Retention {
  /** How long barrier rows are kept. */
  readonly barrierRetentionMs: number;
  /** How long published rows of the local message table are kept. */
  readonly outboxRetentionMs: number;
  /** How long the broker may check back on a half message and then deliver the message, in all. */
  readonly checkHorizonMs: number;
  /** How long reconciliation may send a message again. */
  readonly reconciliationHorizonMs: number;
}

const OWN_NAMES: Record<keyof Retention, string> = {
  barrierRetentionMs: 'barrierRetentionMs',
  outboxRetentionMs: 'outboxRetentionMs',
  checkHorizonMs: 'checkHorizonMs',
  reconciliationHorizonMs: 'reconciliationHorizonMs',
};

type Horizon = 'checkHorizonMs' | 'reconciliationHorizonMs';

/** Each retention, the horizons whose sum it may not be shorter than, and why. */
const RULES: readonly (readonly ['barrierRetentionMs' | 'outboxRetentionMs', readonly Horizon[], string])[] =
  [
    [
      'barrierRetentionMs',
      ['checkHorizonMs', 'reconciliationHorizonMs'],
      'for so long the broker may check back on a half message or deliver a message, also one that reconciliation has sent again',
    ],
    [
      'outboxRetentionMs',
      ['reconciliationHorizonMs'],
      'for so long a message may have to be published again',
    ],
  ];

/**
 * One sentence for every rule that these values break.
 * @param names - the names of the values that the operator knows
 */
export function retentionProblems(retention: Retention, names = OWN_NAMES): string[] {
  const problems: string[] = [];
  for (const [name, horizons, why] of RULES) {
    const least = horizons.reduce((sum, horizon) => sum + retention[horizon], 0);
    if (retention[name] >= least) continue;
    const told = horizons
      .filter((horizon) => retention[horizon] > 0)
      .map((horizon) => names[horizon])
      .join(' and ');
    problems.push(
      `${names[name]}: ${retention[name]} is refused: at least ${least}, which is ${told}; ${why}`,
    );
  }
  if (retention.outboxRetentionMs > retention.barrierRetentionMs) {
    problems.push(
      `${names.outboxRetentionMs}: ${retention.outboxRetentionMs} is refused: at most ${retention.barrierRetentionMs}, which is ` +
        `${names.barrierRetentionMs}; a message published again after that could no longer be told from a new one`,
    );
  }
  return problems;
}
