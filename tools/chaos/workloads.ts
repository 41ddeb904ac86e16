import type { ServiceName } from '@txmsg/contracts';
import { BANK_SERVICES, BankWorkload } from './banks/bank-workload.js';
import { NOTIFICATION_SERVICES, NotificationWorkload } from './notification/notification-workload.js';
import { POINTS_SERVICES, PointsWorkload } from './points/points-workload.js';
import { REVIEW_SERVICES, ReviewWorkload } from './review/review-workload.js';
import { SEATA_SERVICES, SeataWorkload } from './seata/seata-workload.js';
import { SHOP_SERVICES, ShopWorkload } from './shop/shop-workload.js';
import type { Workload, WorkloadContext } from './workload.js';

/** What a run does with a workload, of whatever kind its calls are. */
export type RunningWorkload = Pick<Workload, keyof Workload>;

interface WorkloadKind {
  /** Those that others ask come first: they are started in this order. */
  readonly services: readonly ServiceName[];
  readonly create: (context: WorkloadContext) => RunningWorkload;
}

/** What `--of` may name. */
const WORKLOADS = {
  banks: { services: BANK_SERVICES, create: (context) => new BankWorkload(context) },
  shop: { services: SHOP_SERVICES, create: (context) => new ShopWorkload(context) },
  points: { services: POINTS_SERVICES, create: (context) => new PointsWorkload(context) },
  review: { services: REVIEW_SERVICES, create: (context) => new ReviewWorkload(context) },
  notification: {
    services: NOTIFICATION_SERVICES,
    create: (context) => new NotificationWorkload(context),
  },
  seata: { services: SEATA_SERVICES, create: (context) => new SeataWorkload(context) },
} as const satisfies Readonly<Record<string, WorkloadKind>>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

/** Each once, also when several workloads call it. */
export function servicesOf(names: readonly WorkloadName[]): ServiceName[] {
  return [...new Set(names.flatMap((name): readonly ServiceName[] => WORKLOADS[name].services))];
}

export function createWorkload(name: WorkloadName, context: WorkloadContext): RunningWorkload {
  return WORKLOADS[name].create(context);
}
