import { deflateSync } from 'node:zlib';
import { settingsOf } from '../../libs/txmsg/src/rocketmq/grpc/client-options.js';
import { Encoding } from '../../libs/txmsg/src/rocketmq/grpc/client-protocol.js';
import { ProducerClient } from '../../libs/txmsg/src/rocketmq/grpc/producer.client.js';
import type { Servers } from './servers.js';

const DEADLINE_MS = 30_000;
const nothing = (): void => undefined;

/** Puts a body on the transfer topic as a Java sender does with one over 4 KB: by zlib, under the flag GZIP. */
export async function deliverCompressed(
  { endpoints, user }: Servers,
  topic: string,
  key: string,
  body: Buffer,
): Promise<void> {
  const logger = { log: nothing, warn: nothing, error: nothing, debug: nothing };
  const settings = settingsOf({ endpoints, logger, ...(user && { credentials: user }) });
  const client = new ProducerClient(topic, settings.clientOptions(nothing), nothing, 'half message');
  const { connections } = client;
  const send = connections.sendMessage.bind(connections);
  connections.sendMessage = (broker, request, timeoutMs) => {
    request.getMessagesList()[0]?.getSystemProperties()?.setBodyEncoding(Encoding.GZIP);
    return send(broker, request, timeoutMs);
  };
  await client.startup();
  try {
    const message = { topic, key, body: deflateSync(body), properties: {} };
    const receipt = await client.publish(message, 'half message', DEADLINE_MS);
    await client.endHalfMessage(receipt, 'COMMIT', 'SOURCE_CLIENT', DEADLINE_MS);
  } finally {
    await client.shutdown();
  }
}
