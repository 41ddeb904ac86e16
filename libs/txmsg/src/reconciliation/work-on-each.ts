export interface WorkOnEachOptions {
  /** How many are worked on at the same time, so that a slow answer about one does not delay all others. */
  readonly atOnceMax: number;
  /** Aborted: no further one is begun; those that have begun are finished. */
  readonly signal: AbortSignal;
}

/**
 * Works on each of these, for a round of reconciliation.
 * @param work - handles its own errors: one that it throws ends the round, and the rest become due when their pause is over
 * @returns the outcomes of those that were begun, in the order in which they came
 */
export async function workOnEach<Item, Outcome>(
  items: readonly Item[],
  { atOnceMax, signal }: WorkOnEachOptions,
  work: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const next = items.values();
  const worker = async (): Promise<void> => {
    for (const item of next) {
      if (signal.aborted) return;
      outcomes.push(await work(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, worker));
  return outcomes;
}
