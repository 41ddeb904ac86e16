import type { BankSide } from '../transfer/bank-side.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import { OurSide } from '../transfer/our-side.js';
import { PatternSide } from './pattern-side.js';
import { PATTERNS } from './patterns.js';
import { SeataSide } from './seata-side.js';
import type { SideName } from './side-names.js';

/** What is compared: like with like. */
export interface ComparedSides {
  /** Whole services, with HTTP, validation, results and everything. */
  readonly banks: readonly BankSide[];
  readonly smallest: readonly PatternSide[];
}

/** @param seataServer - where the banks find the coordinator, when that is not the stack's own address */
export function comparedSides(
  world: BenchWorld,
  names: readonly SideName[],
  settings: Readonly<Record<string, string>>,
  seataServer?: string,
): ComparedSides {
  const wanted = <Side extends { readonly name: string }>(sides: readonly Side[]): Side[] =>
    sides.filter(({ name }) => names.some((one) => one === name));
  return {
    banks: wanted<BankSide>([
      ...(['grpc', 'remoting'] as const).map(
        (transport) => new OurSide(world, { ...settings, ROCKETMQ_TRANSPORT: transport }, transport),
      ),
      ...(['tcc', 'at'] as const).map((mode) => new SeataSide(world, mode, settings, seataServer)),
    ]),
    smallest: wanted([...PATTERNS, 'xa' as const].map((name) => new PatternSide(world, name, settings))),
  };
}
