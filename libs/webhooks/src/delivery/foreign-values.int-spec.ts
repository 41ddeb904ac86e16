import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { InvalidArgumentError } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { Receiver } from '../../test/receiver.js';
import { createWebhookDatabase } from '../../test/webhook-database.js';
import { EVENT, WebhookTest, type WebhookService } from '../../test/webhook-services.js';

/** Where a backslash escapes nothing, the first quote ends the text, and the rest is SQL. */
const FORGED = `', 1, NOW(), NOW(), NOW()), ('forged', 's', 't', '{}', '', NOW(), NOW(), NOW()) -- \\`;
const CONNECTIONS = 4;

describe('what others chose, where a handler has set sql_mode so that a backslash escapes nothing', () => {
  let url: string;
  let service: WebhookService;
  let receiver: Receiver;
  const test = new WebhookTest(() => url);

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    url = await createWebhookDatabase('foreign_values');
    service = await test.service({}, undefined, CONNECTIONS);
    receiver = test.open(await Receiver.start());
    await setModeOfAll();
  });
  afterAll(async () => {
    await test.closeAll();
    jest.restoreAllMocks();
  });

  /** Of every connection of the pool: all are in use at once. */
  async function setModeOfAll(): Promise<void> {
    let arrived = 0;
    let release: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (release = resolve));
    const setMode = async (manager: EntityManager): Promise<void> => {
      await manager.query("SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'");
      arrived += 1;
      if (arrived === CONNECTIONS) release();
      await all;
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, () => service.inTransaction(setMode)));
  }

  it('is told as it is', async () => {
    const subscriber = await service.subscribe(receiver);
    const data = { text: `it's a \\ ${FORGED}` };
    const told = { ...EVENT, data };
    await service.inTransaction((manager) =>
      service.webhooks.enqueue(manager, { ...told, subscriber: subscriber.id, id: 'd-1' }),
    );
    const { body } = await service.untilState('d-1', 'ACKNOWLEDGED');
    expect(JSON.parse(body)).toEqual({ ...told, timestamp: EVENT.timestamp.toISOString() });
    expect(receiver.calls.map((call) => call.body)).toEqual([body]);
    expect(await service.deliveries.find('forged')).toBeUndefined();
  });

  it('is no subscriber, when it is SQL', async () => {
    const refused = service.inTransaction((manager) =>
      service.webhooks.enqueue(manager, { ...EVENT, subscriber: "' OR '' = '", id: 'd-2' }),
    );
    await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
  });

  it('is kept of a subscriber, and of a call, as it is', async () => {
    const chosen = { name: "it's \\ 中", expectBody: "it's \\ done" };
    const url = "http://it's.invalid/a'b";
    const subscriber = await service.subscribe({ url }, chosen);
    expect(subscriber).toMatchObject({ ...chosen, url });
    const changed = { name: "that's \\" };
    expect(await service.subscribers.update(subscriber.id, changed)).toMatchObject({ ...chosen, ...changed });
    await service.enqueue(subscriber, 'd-3');
    const { log } = await service.untilCalls('d-3', 1);
    expect(log).toMatchObject([
      { outcome: 'NO_ANSWER', detail: expect.stringContaining("it's.invalid") as unknown },
    ]);
  });
});
