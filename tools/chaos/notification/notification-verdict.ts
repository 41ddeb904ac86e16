import type { Violation } from '../workload.js';
import type { ChaosReceiver, Effect } from './receiver.js';

/** A subscriber as notifier and its receiver know it. */
export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly events: readonly string[];
  /** The ids of what its receiver has acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** Absent for user, whose effects are rows of its database. */
  readonly receiver?: Pick<ChaosReceiver, 'effects' | 'unproven' | 'calls' | 'repeated'>;
}

export interface DeliveryRow {
  readonly id: string;
  readonly subscriber: string;
  readonly type: string;
  /** Of the payment or request that it tells of. */
  readonly txNo: string;
  readonly state: 'PENDING' | 'ACKNOWLEDGED' | 'GIVEN_UP';
  readonly lease: string | null;
}

/** What is told: payments and results of custody, as their owners have them. */
export interface EventRow {
  readonly txNo: string;
  readonly type: string;
  /** The amount, or how the request ended. */
  readonly said: string;
}

/** notifier's rows at rest, held against what the receivers saw and against what there was to tell. */
export function judgeNotifications(
  subscriptions: readonly Subscription[],
  rows: readonly DeliveryRow[],
  events: readonly EventRow[],
): Violation[] {
  return [
    ...rows.filter(({ lease }) => lease !== null).map((row) => about(row, 'is still claimed by a worker')),
    ...subscriptions.flatMap((subscription) => {
      const own = rows.filter(({ subscriber }) => subscriber === subscription.id);
      return [
        ...judgeTold(subscription, own, events),
        ...own.flatMap((row) => judgeDelivery(subscription, row)),
        ...judgeEffects(subscription, own, events),
      ];
    }),
  ];
}

/** Every subscriber is told of all that it hears of, each once, and of nothing else. */
function judgeTold(
  { name, events: types }: Subscription,
  rows: readonly DeliveryRow[],
  events: readonly EventRow[],
): Violation[] {
  const told = countBy(rows.map(({ type, txNo }) => `${type} ${txNo}`));
  const wanted = new Set(
    events.filter(({ type }) => types.includes(type)).map(({ type, txNo }) => `${type} ${txNo}`),
  );
  return [
    ...[...wanted]
      .filter((key) => told.get(key) !== 1)
      .map((key) => ({ what: `${name} has ${told.get(key) ?? 0} notifications about ${key}` })),
    ...[...told.keys()]
      .filter((key) => !wanted.has(key))
      .map((key) => ({ what: `${name} is told of ${key}, which there is not` })),
  ];
}

function judgeDelivery({ name, acknowledged }: Subscription, row: DeliveryRow): Violation[] {
  if (row.state === 'PENDING') return [about(row, `for ${name} has not ended: it is still PENDING`)];
  if (row.state === 'GIVEN_UP' || acknowledged.has(row.id)) return [];
  return [about(row, `is ACKNOWLEDGED, and ${name} has never acknowledged it`)];
}

/** At the receiver: one effect of what was acknowledged, one at most of what was given up, with the sender's contents. */
function judgeEffects(
  { name, receiver }: Subscription,
  rows: readonly DeliveryRow[],
  events: readonly EventRow[],
): Violation[] {
  if (receiver === undefined) return [];
  const effects = countBy(receiver.effects.map(({ webhookId }) => webhookId));
  const ids = new Set(rows.map(({ id }) => id));
  const said = new Map(events.map((event) => [event.txNo, event.said]));
  return [
    ...receiver.unproven.map((id) => ({ what: `${name} was called by somebody who cannot sign: ${id}` })),
    ...rows.flatMap((row) => {
      const count = effects.get(row.id) ?? 0;
      const isRight = row.state === 'ACKNOWLEDGED' ? count === 1 : count <= 1;
      return isRight ? [] : [about(row, `is ${row.state}, and had ${count} effects at ${name}`)];
    }),
    ...receiver.effects.flatMap((effect) => judgeEffect(name, effect, ids, said)),
  ];
}

function judgeEffect(
  name: string,
  { webhookId, data }: Effect,
  ids: ReadonlySet<string>,
  said: ReadonlyMap<string, string>,
): Violation[] {
  if (!ids.has(webhookId))
    return [{ what: `${name} was told ${webhookId}, which is no notification of its own` }];
  const found = String(data.payAmount ?? data.status);
  const wanted = said.get(String(data.id ?? data.requestNo));
  return found === wanted
    ? []
    : [{ what: `${name} was told ${found} by ${webhookId}, and it is ${wanted ?? 'nothing'}` }];
}

export function about({ id, txNo }: DeliveryRow, what: string): Violation {
  return { what: `notification ${id} about ${txNo} ${what}`, txNo };
}

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
