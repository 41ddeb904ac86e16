import { setTimeout as delay } from 'node:timers/promises';
import { CUSTODY_WEBHOOK, TOP_UP_WEBHOOK } from '@txmsg/contracts';
import { call, postJson } from '../../../e2e/kit/http.js';
import type { Databases } from '../databases.js';
import type { Figure, Violation } from '../workload.js';
import type { OneOf } from './notification-workload.js';
import type { Effect } from './receiver.js';
import type { Subscribers, Subscription } from './subscribers.js';

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
interface EventRow {
  readonly txNo: string;
  readonly type: string;
  /** The amount, or how the request ended. */
  readonly said: string;
}

const REDRIVE_DEADLINE_MS = 180_000;
const CALL_DEADLINE_MS = 15_000;
const POLL_MS = 500;

/** notifier's rows, held against what the receivers saw and against what there was to tell. */
export class Notifications {
  constructor(
    private readonly databases: Databases,
    private readonly subscribers: Subscribers,
    private readonly oneOf: OneOf,
    private readonly adminToken: string,
  ) {}

  /** Notifications that are under way, and those that are not written yet. */
  async open(): Promise<number> {
    const [row] = await this.databases.query<Record<'pending' | 'written' | 'payments' | 'results', string>>(
      `SELECT (SELECT COUNT(*) FROM tx_notifier.webhook_delivery WHERE state = 'PENDING' OR lease_owner IS NOT NULL) AS pending,
         (SELECT COUNT(*) FROM tx_notifier.webhook_delivery) AS written,
         (SELECT COUNT(*) FROM bank1_pay.account_pay) AS payments,
         (SELECT COUNT(*) FROM tx_custody.custody_request WHERE status <> 'PROCESSING') AS results`,
    );
    if (row === undefined) throw new Error('MySQL counted nothing');
    const wanted =
      Number(row.payments) * this.subscribers.listenersOf(TOP_UP_WEBHOOK) +
      Number(row.results) * this.subscribers.listenersOf(CUSTODY_WEBHOOK);
    return Number(row.pending) + Math.abs(wanted - Number(row.written));
  }

  async judge(): Promise<Violation[]> {
    const rows = await this.rows();
    const events = await this.events();
    const { list, trapped } = this.subscribers;
    return [
      ...rows.filter(({ lease }) => lease !== null).map((row) => about(row, 'is still claimed by a worker')),
      ...list.flatMap((subscription) => {
        const own = rows.filter(({ subscriber }) => subscriber === subscription.id);
        return [
          ...judgeTold(subscription, own, events),
          ...own.flatMap((row) => judgeDelivery(subscription, row)),
          ...judgeEffects(subscription, own, events),
        ];
      }),
      ...(trapped === 0 ? [] : [{ what: `${trapped} redirects were followed` }]),
    ];
  }

  /**
   * As an operator does it when a subscriber is well again: finds what was given up by the query, begins it anew, and
   * waits until it is acknowledged.
   */
  async redriveGivenUp(): Promise<Violation[]> {
    const givenUp = (await this.rows()).filter(({ state }) => state === 'GIVEN_UP').map(({ id }) => id);
    const found = await this.findGivenUp();
    const missed = givenUp.filter((id) => !found.includes(id));
    const refused: Violation[] = [];
    for (const id of found) {
      const { status, text } = await this.atNotifier(`notifications/${id}/redrive`, 'POST');
      if (status !== 200) refused.push({ what: `the re-drive of ${id} was answered ${status}: ${text}` });
    }
    const endsAtMs = Date.now() + REDRIVE_DEADLINE_MS;
    let left = await this.notAcknowledged();
    while (left.length > 0 && Date.now() < endsAtMs) {
      await delay(POLL_MS);
      left = await this.notAcknowledged();
    }
    return [
      ...missed.map((id) => ({ what: `${id} was given up, and is not found by the query` })),
      ...refused,
      ...left.map((row) => about(row, 'was re-driven, and is not acknowledged')),
      ...(await this.judge()),
    ];
  }

  async ends(): Promise<Figure[]> {
    const rows = await this.rows();
    const inState = (wanted: string): number => rows.filter(({ state }) => state === wanted).length;
    return [
      ['  notifications acknowledged', inState('ACKNOWLEDGED')],
      ['  notifications given up', inState('GIVEN_UP')],
      ...this.subscribers.list.flatMap(({ name, receiver }): Figure[] =>
        receiver === undefined
          ? []
          : [
              [
                `  ${name}: calls, repeated, effects`,
                `${receiver.calls}, ${receiver.repeated}, ${receiver.effects.length}`,
              ],
            ],
      ),
    ];
  }

  /** Of this payment, or of this request. */
  async rowsAbout(txNo: string): Promise<string[]> {
    const rows = (await this.rows()).filter((row) => row.txNo === txNo);
    const calls = await this.databases.query<object>(
      `SELECT delivery_id, number, call_time, outcome, status, detail FROM tx_notifier.webhook_call
       WHERE delivery_id IN (?) ORDER BY call_time`,
      [['', ...rows.map(({ id }) => id)]],
    );
    return [
      ...rows.map((row) => `tx_notifier.webhook_delivery ${JSON.stringify(row)}`),
      ...calls.map((row) => `tx_notifier.webhook_call ${JSON.stringify(row)}`),
    ];
  }

  private async notAcknowledged(): Promise<DeliveryRow[]> {
    return (await this.rows()).filter(({ state }) => state !== 'ACKNOWLEDGED');
  }

  /** Page by page, as the query gives them. */
  private async findGivenUp(): Promise<string[]> {
    const ids: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page: string = after === '' ? '' : `&after=${after}`;
      const answer = await this.atNotifier(`notifications?state=GIVEN_UP&limit=100${page}`, 'GET');
      if (answer.status !== 200) throw new Error(`the query was answered ${answer.status}: ${answer.text}`);
      const { notifications, next } = answer.body as {
        notifications: readonly { readonly id: string }[];
        next: string | null;
      };
      ids.push(...notifications.map(({ id }) => id));
      after = next;
    }
    return ids;
  }

  private atNotifier(path: string, method: 'GET' | 'POST'): ReturnType<typeof call> {
    const url = this.oneOf('notifier');
    if (url === undefined) throw new Error('notifier does not run, although everything was healed');
    const headers = { authorization: `Bearer ${this.adminToken}` };
    return method === 'GET'
      ? call(`${url}/${path}`, { headers }, CALL_DEADLINE_MS)
      : postJson(`${url}/${path}`, '{}', headers, CALL_DEADLINE_MS);
  }

  private rows(): Promise<DeliveryRow[]> {
    return this.databases.query(
      `SELECT id, subscriber_id AS subscriber, type, state, lease_owner AS lease,
         COALESCE(JSON_VALUE(body, '$.data.id'), JSON_VALUE(body, '$.data.requestNo')) AS txNo
       FROM tx_notifier.webhook_delivery`,
    );
  }

  private events(): Promise<EventRow[]> {
    return this.databases.query(
      `SELECT id AS txNo, '${TOP_UP_WEBHOOK}' AS type, CAST(pay_amount AS CHAR) AS said FROM bank1_pay.account_pay
       UNION ALL
       SELECT request_no, '${CUSTODY_WEBHOOK}', status FROM tx_custody.custody_request WHERE status <> 'PROCESSING'`,
    );
  }
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

function about({ id, txNo }: DeliveryRow, what: string): Violation {
  return { what: `notification ${id} about ${txNo} ${what}`, txNo };
}

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
