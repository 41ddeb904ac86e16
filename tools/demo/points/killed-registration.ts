import { BrokenProgram } from '../broken-program.js';
import type { PointsContext } from './points-context.js';

/** The broken ways, each with the word that `broken-registration.ts` says after its first step. */
const FIRST_STEPS = { 'send-first': 'sent', 'commit-first': 'committed' } as const;
export type BrokenWay = keyof typeof FIRST_STEPS;

/** What was done before the program was killed, and when; by this machine's clock. */
export interface BrokenEnd {
  readonly stepMs: number;
  readonly killedMs: number;
}

/** Runs `broken-registration.ts` up to the end of its first step, and kills it there. */
export async function killAfterFirstStep(
  { world }: PointsContext,
  way: BrokenWay,
  { txNo, userId }: { readonly txNo: string; readonly userId: string },
): Promise<BrokenEnd> {
  const { USER_MYSQL_URL: MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = world.stack;
  const environment = { MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV };
  const program = BrokenProgram.start('points/broken-registration.ts', [way, txNo, userId], environment);
  try {
    const stepMs = await program.untilSays(FIRST_STEPS[way]);
    return { stepMs, killedMs: await program.kill() };
  } finally {
    await program.kill();
  }
}
