/** The options that must fit together, in ms. */
export interface Retention {
  /** How long barrier rows are kept. */
  readonly barrierRetentionMs: number;
  /** How long published rows of the local message table are kept. */
  readonly outboxRetentionMs: number;
  /** How long the broker may check back or deliver. */
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

/** Each retention, the horizon that it may not be shorter than, and why. */
const RULES = [
  [
    'barrierRetentionMs',
    'checkHorizonMs',
    'for so long the broker may check back on a half message or deliver a message',
  ],
  [
    'barrierRetentionMs',
    'reconciliationHorizonMs',
    'for so long reconciliation may send a message again whose barrier rows would be gone',
  ],
  ['outboxRetentionMs', 'reconciliationHorizonMs', 'for so long a message may have to be published again'],
] as const;

/**
 * One sentence for every rule that these values break.
 * @param names - the names of the values that the operator knows
 */
export function retentionProblems(retention: Retention, names = OWN_NAMES): string[] {
  const problems = RULES.filter(([name, horizon]) => retention[name] < retention[horizon]).map(
    ([name, horizon, why]) =>
      `${names[name]}: ${retention[name]} is refused: at least ${retention[horizon]}, which is ${names[horizon]}; ${why}`,
  );
  if (retention.outboxRetentionMs > retention.barrierRetentionMs) {
    problems.push(
      `${names.outboxRetentionMs}: ${retention.outboxRetentionMs} is refused: at most ${retention.barrierRetentionMs}, which is ` +
        `${names.barrierRetentionMs}; a message published again after that would be consumed twice`,
    );
  }
  return problems;
}
