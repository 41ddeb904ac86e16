import { setTimeout as delay } from 'node:timers/promises';
import { CUSTODY_WEBHOOK, TOP_UP_WEBHOOK } from '@txmsg/contracts';
import { call, postJson } from '../../../e2e/kit/http.js';
import type { Databases } from '../databases.js';
import type { Figure, OneOf, Violation } from '../workload.js';
import { about, judgeNotifications, type DeliveryRow, type EventRow } from './notification-verdict.js';
import type { Subscribers } from './subscribers.js';

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
    const { list, trapped } = this.subscribers;
    return [
      ...judgeNotifications(list, await this.rows(), await this.events()),
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

  private async events(): Promise<EventRow[]> {
    const topUps = this.databases.query<EventRow>(
      `SELECT id AS txNo, '${TOP_UP_WEBHOOK}' AS type, CAST(pay_amount AS CHAR) AS said FROM bank1_pay.account_pay`,
    );
    const openings = this.databases.query<EventRow>(
      `SELECT request_no AS txNo, '${CUSTODY_WEBHOOK}' AS type, status AS said
       FROM tx_custody.custody_request WHERE status <> 'PROCESSING'`,
    );
    return [...(await topUps), ...(await openings)];
  }
}
