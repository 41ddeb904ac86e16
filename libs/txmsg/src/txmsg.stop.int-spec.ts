import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { receiver, StartingServices } from '../test/starting-service.js';
import { eventually } from './testing/index.js';

describe('stopping', () => {
  const services = StartingServices.forEachTest();

  it('takes no message any more while another module still waits in its own hook', async () => {
    const producer = services.broker.createProducer('notes');
    const send = (txNo: string): Promise<unknown> =>
      producer.send(
        { topic: 'notes', key: txNo, body: Buffer.from(JSON.stringify({ txNo })), properties: {} },
        1000,
      );
    const effects = (): Promise<unknown[]> => services.direct.query('SELECT tx_no FROM effect');
    // Nest calls the hooks of the root module, which this is a part of, before those of the library.
    @Injectable()
    class SlowToEnd implements BeforeApplicationShutdown {
      async beforeApplicationShutdown(): Promise<void> {
        await send('late');
        // Long enough for a consumer that still receives.
        await delay(1000);
      }
    }
    producer.start();
    const application = await services.start([receiver('notes', 'receivers'), SlowToEnd]);
    await send('early');
    await eventually(async () => (await effects()).length === 1);
    await application.close();
    await producer.close(1000);
    expect(await effects()).toEqual([{ tx_no: 'early' }]);
  });
});
