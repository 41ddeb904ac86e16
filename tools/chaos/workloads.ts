import type { ServiceName } from '@txmsg/contracts';
import { BankWorkload } from './banks/bank-workload.js';
import type { Workload, WorkloadContext } from './workload.js';

interface WorkloadKind {
  readonly services: readonly ServiceName[];
  readonly create: (context: WorkloadContext) => Workload;
}

/** What `--of` may name. */
const WORKLOADS = {
  banks: { services: ['bank2', 'bank1'], create: (context) => new BankWorkload(context) },
} as const satisfies Readonly<Record<string, WorkloadKind>>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

/** In the order in which they are started: those that others ask come first. */
export function servicesOf(names: readonly WorkloadName[]): ServiceName[] {
  return names.flatMap((name) => WORKLOADS[name].services);
}

export function createWorkload(name: WorkloadName, context: WorkloadContext): Workload {
  return WORKLOADS[name].create(context);
}
