import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { pendingChanges, readSchemaScript } from 'txmsg/schema';
import { Receiver } from '../test/receiver.js';
import { createWebhookDatabase } from '../test/webhook-database.js';
import { WebhookTest } from '../test/webhook-services.js';

const SCRIPT = new URL('../sql/webhooks.sql', import.meta.url);

describe('the tables in a database whose own character set is latin1', () => {
  let url: string;
  let connection: Connection;
  let script: string;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    url = await createWebhookDatabase('latin1', 'latin1');
    connection = await createConnection({ uri: url, multipleStatements: true });
    script = await readFile(SCRIPT, 'utf8');
  });
  afterAll(async () => {
    await connection.end();
    jest.restoreAllMocks();
  });

  /** A delivery whose text latin1 cannot hold. */
  const tell = async (id: string): Promise<void> => {
    const test = new WebhookTest(() => url);
    try {
      const service = await test.service();
      const receiver = test.open(await Receiver.start());
      await service.enqueue(await service.subscribe(receiver), id);
      await service.untilState(id, 'ACKNOWLEDGED');
    } finally {
      await test.closeAll();
    }
  };
  const pending = async (): Promise<string[]> => {
    const query = async (sql: string): Promise<RowDataPacket[]> =>
      (await connection.query<RowDataPacket[]>(sql))[0];
    return (await pendingChanges(query, readSchemaScript(script))).map(({ name }) => name);
  };

  it('keep a text that it cannot hold', async () => {
    expect(await pending()).toEqual([]);
    await tell('d-1');
  });

  it('keep it too when a version without a character set of their own has made them, once the script runs again', async () => {
    for (const { name, statement } of readSchemaScript(script).tables) {
      await connection.query(`DROP TABLE ${name}; ${statement.replace(' DEFAULT CHARSET = utf8mb4', '')}`);
    }
    expect(await pending()).toEqual([
      'webhook_subscriber.utf8mb4',
      'webhook_delivery.utf8mb4',
      'webhook_call.utf8mb4',
    ]);
    for (let run = 1; run <= 2; run += 1) {
      await connection.query(script);
      expect(await pending()).toEqual([]);
    }
    await tell('d-2');
  });
});
