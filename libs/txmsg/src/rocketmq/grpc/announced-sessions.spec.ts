import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import type { BrokerClient, Producer } from '../../broker/index.js';
import { messageTo } from '../../../test/broker-contract.bench.js';
import { handlesBeyond, openHandles, type Handles } from '../../../test/open-handles.js';
import { ScriptedProxy, wireMessage } from '../../../test/scripted-proxy.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';
import { eventually } from '../../testing/eventually.js';
import { RocketmqTransport } from './rocketmq.transport.js';

jest.setTimeout(180_000);

const MESSAGE = messageTo('t', 'k');
const RECEIVE = { messagesMax: 1, awaitMs: 20_000, invisibleMs: 60_000 };

describe('when RocketMQ announces two addresses', () => {
  let up: ScriptedProxy;
  let failing: ScriptedProxy;
  let before: Handles;
  let warnings: string[];
  let sentToFailing: number;
  let transport: RocketmqTransport;
  let client: BrokerClient | undefined;

  beforeEach(async () => {
    [up, failing] = [new ScriptedProxy(), new ScriptedProxy()];
    await Promise.all([up.start(), failing.start()]);
    up.others.push(failing);
    sentToFailing = 0;
    const { sendMessage } = failing.script;
    failing.script.sendMessage = (call, answer) => {
      sentToFailing += 1;
      sendMessage(call, answer);
    };
    before = openHandles();
    warnings = [];
    const warn = (line: unknown): void => void warnings.push(String(line));
    const logger = { ...SILENT_LOGGER, warn };
    transport = new RocketmqTransport({ endpoints: up.endpoints, requestTimeoutMs: 30_000, logger });
  });
  afterEach(async () => {
    await client?.close(1_000);
    up.stop();
    failing.stop();
  });

  async function startProducer(): Promise<Producer> {
    const producer = transport.createProducer('t');
    client = producer;
    producer.start();
    await producer.whenReady(60_000);
    return producer;
  }
  const sendMany = async (producer: Producer): Promise<void> => {
    for (let count = 0; count < 6; count++) await producer.send(MESSAGE, 5_000);
  };

  it('goes on with one while the other is down, and takes it in again when it is back', async () => {
    const producer = await startProducer();
    await eventually(async () => {
      await sendMany(producer);
      return sentToFailing > 0;
    });
    failing.stop();
    await eventually(() => warnings.length > 0);
    await sendMany(producer);
    expect(warnings).toEqual([expect.stringContaining('is tried again: topic t: ')]);
    expect(producer.isReady()).toBe(true);

    const sent = sentToFailing;
    await failing.start();
    await eventually(async () => {
      await sendMany(producer);
      return sentToFailing > sent;
    });
    expect(up.telemetryOpened).toBe(1);
    expect(failing.telemetryOpened).toBe(2);
  });

  it('starts while one is down', async () => {
    failing.stop();
    const producer = await startProducer();
    await eventually(() => warnings.length > 0);
    await sendMany(producer);
    expect(producer.isReady()).toBe(true);
    expect(up.telemetryOpened).toBe(1);
  });

  it('connects anew to the one that calls get no answer from, and leaves the other alone', async () => {
    const producer = await startProducer();
    await eventually(() => failing.telemetryCalls.length === 1);
    failing.script.sendMessage = (_call, answer) => {
      answer({ code: status.UNAVAILABLE });
    };
    await eventually(async () => {
      await producer.send(MESSAGE, 5_000).catch(() => undefined);
      return failing.telemetryOpened >= 2;
    });
    expect(up.telemetryOpened).toBe(1);
    expect(producer.isReady()).toBe(true);
  });

  it('receives from one while the other is down', async () => {
    up.script.receiveMessage = (call) => {
      call.write(new service.ReceiveMessageResponse().setMessage(wireMessage('t', 'm', Buffer.from('x'))));
      call.end();
    };
    const consumer = transport.createConsumer('t', 'g');
    client = consumer;
    consumer.start();
    await consumer.whenReady(60_000);
    failing.stop();
    await eventually(() => warnings.some((line) => line.includes('is tried again: topic t: ')));
    expect(await consumer.receive(RECEIVE)).toHaveLength(1);
    expect(consumer.isReady()).toBe(true);
    expect(up.telemetryOpened).toBe(1);
  });

  it('is replaced when none is left', async () => {
    const producer = await startProducer();
    failing.stop();
    up.stop();
    await eventually(() => !producer.isReady());
    await up.start();
    await producer.whenReady(60_000);
    await sendMany(producer);
    expect(up.telemetryOpened).toBe(2);
  });

  it('leaves nothing behind when it is closed while one is tried again', async () => {
    const producer = await startProducer();
    failing.stop();
    await eventually(() => warnings.length > 0);
    await producer.close(1_000);
    await eventually(() => {
      expect(handlesBeyond(before)).toEqual({});
    });
  });
});
