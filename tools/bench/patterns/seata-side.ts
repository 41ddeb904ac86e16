import { serviceNamed } from '@txmsg/contracts';
import { BankSide } from '../transfer/bank-side.js';
import type { BenchWorld } from '../transfer/bench-world.js';

/** Seata's modes, as the paths of seata-bank1 name them. */
export type SeataMode = 'tcc' | 'at';

const DATABASES = {
  bank1: serviceNamed('seata-bank1').database,
  bank2: serviceNamed('seata-bank2').database,
};
const SERVICES = { bank1: 'seata-bank1', bank2: 'seata-bank2' } as const;

/** What phase two has not reached yet, at both banks. */
const OPEN = Object.values(DATABASES)
  .flatMap((database) => [
    `(SELECT COUNT(*) FROM ${database}.undo_log WHERE log_status = 0)`,
    `(SELECT COUNT(*) FROM ${database}.tcc_fence_log WHERE status = 1)`,
  ])
  .join(' + ');

/** The two banks with two-phase commit, under one of Seata's modes; both modes work in the same databases. */
export class SeataSide extends BankSide {
  readonly topics = [];

  /** @param server - where the banks find the coordinator, when that is not the stack's own address */
  constructor(
    world: BenchWorld,
    mode: SeataMode,
    settings: Readonly<Record<string, string>>,
    server = world.environment.SEATA_SERVER ?? '',
  ) {
    super(
      mode,
      world,
      { ...settings, SEATA_SERVER: server },
      {
        services: SERVICES,
        path: `${mode}/transfers`,
        schema: { ...DATABASES, debited: 'transfer', credited: 'credit', open: `SELECT ${OPEN}` },
      },
    );
  }
}
