import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Consumer } from '../../broker/index.js';
import { ScriptedServer, wellBehaved } from '../../../test/scripted-server.js';
import { storedMessage } from '../../../test/stored-message.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';
import { RequestCode } from './remoting-codes.js';
import { RemotingTransport } from './remoting.transport.js';

const TIMEOUT_MS = 5_000;
const HEADER = {
  popTime: '1700000000000',
  invisibleTime: '30000',
  reviveQid: '3',
  restNum: '0',
  startOffsetInfo: '0 5 77',
  msgOffsetInfo: '0 5 77,78',
};

describe('a consumer of the remoting transport', () => {
  let server: ScriptedServer;
  let consumer: Consumer;

  beforeEach(async () => {
    server = new ScriptedServer({ ...wellBehaved(), [RequestCode.BATCH_ACK_MESSAGE]: () => ({}) });
    await server.start();
    const nameServers = [server.address];
    const transport = new RemotingTransport({ transport: 'remoting', nameServers, logger: SILENT_LOGGER });
    consumer = transport.createConsumer('t', 'g');
    consumer.start();
    await consumer.whenReady(20_000);
  });

  afterEach(async () => {
    await consumer.close(1_000);
    server.stop();
  });

  it.each([
    ['is cut off', '9 17'],
    ['points to an offset far away', '0 1700000000000 30000 3 0 broker-a 5 2147483647'],
    ['points before the first offset', '99 1700000000000 30000 3 0 broker-a 5 77'],
    ['is that of an older delivery', '77 1600000000000 30000 3 0 broker-a 5 77'],
  ])(
    'receives and acknowledges a message whose forged check point %s, and its neighbour',
    async (_, text) => {
      const properties = `UNIQ_KEY\u0001FORGED\u0002POP_CK\u0001${text}\u0002`;
      const forged = storedMessage({ queueOffset: 77, properties });
      const sound = storedMessage({ queueOffset: 78, properties: 'UNIQ_KEY\u0001SOUND\u0002' });
      server.script[RequestCode.POP_MESSAGE] = () => ({
        extFields: HEADER,
        body: Buffer.concat([forged, sound]),
      });

      const deliveries = await consumer.receive({ messagesMax: 2, awaitMs: 5_000, invisibleMs: 30_000 });
      expect(deliveries.map(({ message }) => message.messageId)).toEqual(['FORGED', 'SOUND']);
      await Promise.all(deliveries.map((delivery) => delivery.acknowledge(TIMEOUT_MS)));

      const [request] = server.requestsOf(RequestCode.BATCH_ACK_MESSAGE);
      expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({
        acks: [{ r: '0', q: 5, so: 77, pt: 1_700_000_000_000, b: Buffer.of(3).toString('base64') }],
      });
    },
  );
});
