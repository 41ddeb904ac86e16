import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually } from 'txmsg/testing';
import { Receiver } from '../../test/receiver.js';
import { createWebhookDatabase } from '../../test/webhook-database.js';
import { newSecret, WebhookTest, type WebhookService } from '../../test/webhook-services.js';
import { dueSubscribers, type DuePosition } from '../delivery/due.rows.js';

/** More than one round looks at. */
const MANY = 4001;

describe('many subscribers that are due and cannot be called now', () => {
  let url: string;
  let service: WebhookService;
  const test = new WebhookTest(() => url);

  beforeAll(() => {
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  });
  beforeEach(async () => {
    url = await createWebhookDatabase('many');
    // One call at a time to those who have not acknowledged yet, and one to the others.
    service = await test.service({ concurrency: 2, callTimeoutMs: 120_000, shutdownTimeoutMs: 100 });
  });
  afterEach(() => test.closeAll());

  /** They wait for longer than all others; nobody has called them yet. */
  const insertMany = async (): Promise<void> => {
    const ids = Array.from({ length: MANY }, (_, index) => `many-${String(index).padStart(4, '0')}`);
    await service.dataSource.query(
      `INSERT INTO webhook_subscriber (id, name, url, events, create_time, update_time)
       SELECT id, id, 'http://127.0.0.1:1/', '[]', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
       FROM JSON_TABLE(?, '$[*]' COLUMNS (id VARCHAR(64) PATH '$')) AS many`,
      [JSON.stringify(ids)],
    );
    await service.dataSource.query(
      `INSERT INTO webhook_delivery (id, subscriber_id, type, body, contents_hash, due_at, claim_at, create_time)
       SELECT id, id, 'work.done', '{}', REPEAT('0', 32), due, due, due
       FROM JSON_TABLE(?, '$[*]' COLUMNS (id VARCHAR(64) PATH '$')) AS many,
         (SELECT UTC_TIMESTAMP(3) - INTERVAL 1 HOUR AS due) AS past`,
      [JSON.stringify(ids)],
    );
  };

  it('do not keep others from being called', async () => {
    const well = await service.subscribe(test.open(await Receiver.start()), { secret: newSecret() });
    await service.enqueue(well, 'first');
    await service.untilState('first', 'ACKNOWLEDGED');
    const hanging = test.open(await Receiver.start(() => undefined));
    await service.enqueue(await service.subscribe(hanging), 'hangs');
    await eventually(() => hanging.calls.length === 1);
    await insertMany();

    await service.enqueue(well, 'second');

    expect(await service.untilState('second', 'ACKNOWLEDGED')).toMatchObject({ calls: 1 });
  });

  it('are found page by page, each of them once', async () => {
    const hanging = test.open(await Receiver.start(() => undefined));
    await service.enqueue(await service.subscribe(hanging), 'hangs');
    await eventually(() => hanging.calls.length === 1);
    await insertMany();
    const found: string[] = [];
    let after: DuePosition | undefined;
    let pages = 0;
    do {
      const page = await dueSubscribers(service.dataSource.manager, new Date(), after);
      found.push(...page.active);
      after = page.end;
      pages += 1;
    } while (after !== undefined);
    expect([pages, found.length, new Set(found).size]).toEqual([3, MANY, MANY]);
  });
});
