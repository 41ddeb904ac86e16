/** How long the work took, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
