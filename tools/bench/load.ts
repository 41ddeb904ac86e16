import { transfer } from '../../e2e/kit/http.js';

export interface LoadFigures {
  readonly seconds: number;
  readonly transfers: number;
  /** Answered otherwise than 201, or not at all. */
  readonly failed: number;
  /** In ms, from the call to the answer. */
  readonly median: number;
  readonly p99: number;
  readonly slowest: number;
}

const CALLERS = 8;
const WARM_UP_MS = 5000;
const PAUSE_MS = 100;

/** Callers in a closed loop until `until` returns true; the first five seconds are not counted. */
export async function loadFor(
  bank1: { readonly url: string },
  name: string,
  until: () => Promise<boolean>,
): Promise<LoadFigures> {
  const took: number[] = [];
  let failed = 0;
  let isOver = false;
  const began = performance.now() + WARM_UP_MS;
  const call = async (txNo: string): Promise<void> => {
    const from = performance.now();
    const answer = await transfer(bank1, {
      txNo,
      accountNo: 'payer',
      toAccountNo: 'payee',
      amount: '0.01',
    }).catch(() => undefined);
    if (from < began) return;
    took.push(performance.now() - from);
    if (answer?.status !== 201) failed += 1;
  };
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let count = 1; !isOver; count++) await call(`${name}-${caller}-${count}`);
  });
  try {
    while (!(await until())) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } finally {
    isOver = true;
  }
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(callers);
  took.sort((a, b) => a - b);
  const at = (share: number): number =>
    took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? NaN;
  return { seconds, transfers: took.length, failed, median: at(0.5), p99: at(0.99), slowest: at(1) };
}
