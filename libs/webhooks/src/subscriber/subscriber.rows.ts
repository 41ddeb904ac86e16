import type { EntityManager } from 'typeorm';
import type { Subscriber, SubscriberContents, SubscriberState } from './subscriber.js';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly state: SubscriberState;
  readonly state_reason: string | null;
  readonly ladder: readonly number[] | null;
  readonly jitter: string | null;
  readonly expect_body: string | null;
  readonly allow_private_addresses: number | string;
  readonly create_time: Date;
  readonly update_time: Date;
}

const COLUMNS =
  'id, name, url, events, state, state_reason, ladder, jitter, expect_body, allow_private_addresses, create_time, update_time';

/** @param condition - SQL, a constant of the code */
export async function selectSubscribers(
  manager: EntityManager,
  condition: string,
  values: readonly unknown[],
): Promise<Subscriber[]> {
  const rows = await manager.query<Row[]>(`SELECT ${COLUMNS} FROM webhook_subscriber WHERE ${condition}`, [
    ...values,
  ]);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    url: row.url,
    events: row.events,
    state: row.state,
    stateReason: row.state_reason,
    ladderSeconds: row.ladder,
    jitter: row.jitter === null ? null : Number(row.jitter),
    expectBody: row.expect_body,
    allowPrivateAddresses: Number(row.allow_private_addresses) === 1,
    createTime: row.create_time,
    updateTime: row.update_time,
  }));
}

/** The columns of the contents, with their values. */
export function columnsOf(contents: Partial<SubscriberContents>): Map<string, unknown> {
  const json = (value: readonly unknown[] | null): string | null =>
    value === null ? null : JSON.stringify(value);
  const all: [string, unknown][] = [
    ['name', contents.name],
    ['url', contents.url],
    ['events', contents.events === undefined ? undefined : json(contents.events)],
    ['ladder', contents.ladderSeconds === undefined ? undefined : json(contents.ladderSeconds)],
    ['jitter', contents.jitter],
    ['expect_body', contents.expectBody],
    ['allow_private_addresses', contents.allowPrivateAddresses],
  ];
  return new Map(all.filter(([, value]) => value !== undefined));
}
