/** What would keep this process alive: how many of each kind. Timers that were told not to are not counted. */
export type Handles = Readonly<Record<string, number>>;

export function openHandles(): Handles {
  const kinds = process.getActiveResourcesInfo();
  return Object.fromEntries(kinds.map((kind) => [kind, kinds.filter((one) => one === kind).length]));
}

/** What is open now and was not in `before`. */
export function handlesBeyond(before: Handles): Handles {
  const more = Object.entries(openHandles()).map(
    ([kind, count]) => [kind, count - (before[kind] ?? 0)] as const,
  );
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}
