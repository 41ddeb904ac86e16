import type { BenchWorld } from '../../transfer/bench-world.js';
import { ascending, quantile } from '../../transfer/figures.js';
import { Measurement } from '../../transfer/measurement.js';
import type { Side } from '../../transfer/side.js';
import type { GlobalHolds } from './global-holds.js';
import { EVENTS_KEPT, RowLockMeter } from './row-lock-meter.js';

/** How long locks were held, in ms. */
export interface Holds {
  readonly p50: number;
  readonly p99: number;
  /** How often rows were locked for one transfer; less than 1 where transfers share a transaction. */
  readonly perTransfer: number;
}

export interface LockFigures {
  readonly rows: Readonly<Record<'payer' | 'payee', Holds>>;
  /** Locks that the coordinator keeps; NaN where there are none. */
  readonly global: Readonly<Record<'payer' | 'payee', Holds>>;
  /** Between services and coordinator, for one transfer, pings apart. */
  readonly frames: number;
}

/** A transfer under AT takes about 30 statements: a round must fit into what MySQL remembers. */
const ROUND = EVENTS_KEPT / 50;
const HOLDS_WANTED = 500;
const ROUNDS_MAX = 8;

/** Makes rounds of a few transfers, until there are enough locks to speak of. The side runs, and is warm. */
export async function lockFigures(
  world: BenchWorld,
  side: Side,
  callers: number,
  coordinator: GlobalHolds,
): Promise<LockFigures> {
  const meter = new RowLockMeter(world.pool, side.schema);
  const measurement = new Measurement(world, side);
  const rows = { payer: [] as number[], payee: [] as number[] };
  let transfers = 0;
  coordinator.take();
  await meter.start();
  try {
    for (let round = 0; round < ROUNDS_MAX && rows.payee.length < HOLDS_WANTED; round++) {
      transfers += (await measurement.run({ accounts: 'many', callers }, { transfers: ROUND })).transfers;
      const { payer, payee } = await meter.read();
      rows.payer.push(...payer);
      rows.payee.push(...payee);
    }
  } finally {
    await meter.stop();
  }
  const { holds, frames } = coordinator.take();
  const globalAt = (database: string): Holds =>
    holdsOf(
      holds.filter(({ resourceId }) => resourceId.endsWith(`/${database}`)).map(({ heldMs }) => heldMs),
      transfers,
    );
  return {
    rows: { payer: holdsOf(rows.payer, transfers), payee: holdsOf(rows.payee, transfers) },
    global: { payer: globalAt(side.schema.bank1), payee: globalAt(side.schema.bank2) },
    frames: frames === 0 ? NaN : frames / transfers,
  };
}

function holdsOf(heldMs: readonly number[], transfers: number): Holds {
  const sorted = ascending(heldMs);
  const perTransfer = sorted.length === 0 ? NaN : sorted.length / transfers;
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), perTransfer };
}
