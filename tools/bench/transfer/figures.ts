/** The value that `share` of the sorted values lie below; NaN of nothing. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function ascending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Figures that could not be measured do not count. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = ascending(values.filter((value) => Number.isFinite(value)));
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
  return { min: sorted[0] ?? NaN, median, max: sorted.at(-1) ?? NaN };
}

/** Compared pair by pair, so that what slows the machine down for both sides cancels out. */
export function ratios(ours: readonly number[], theirs: readonly number[]): Spread {
  return spreadOf(ours.map((value, index) => value / (theirs[index] ?? NaN)));
}
