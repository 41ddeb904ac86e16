import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BrokerClient, CheckBackAnswer } from '../../broker/index.js';
import {
  BrokerError,
  BrokerNotReadyError,
  BrokerTimeoutError,
  HalfMessageForgottenError,
  TxMsgConfigurationError,
} from '../../errors/index.js';
import { messageTo } from '../../../test/broker-contract.bench.js';
import { eventually } from '../../testing/eventually.js';
import type { RocketmqRemotingOptions } from '../../options/rocketmq.options.js';
import { handlesBeyond, openHandles } from '../../../test/open-handles.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';
import { RequestCode, ResponseCode } from './remoting-codes.js';
import { RemotingTransport } from './remoting.transport.js';
import { frameOf, ScriptedServer, wellBehaved, type Script } from '../../../test/scripted-server.js';
import { storedMessage } from '../../../test/stored-message.js';

const TIMEOUT_MS = 5_000;
const PATIENT_MS = 20_000;

jest.setTimeout(60_000);

describe('a client of the remoting transport', () => {
  let server: ScriptedServer;
  let others: ScriptedServer[];
  let clients: BrokerClient[];

  beforeEach(async () => {
    others = [];
    clients = [];
    server = new ScriptedServer(wellBehaved());
    await server.start();
  });

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close(1_000)));
    for (const one of [server, ...others]) one.stop();
  });

  const transport = (options: Partial<RocketmqRemotingOptions> = {}) =>
    new RemotingTransport({
      transport: 'remoting',
      nameServers: [server.address],
      requestTimeoutMs: 1_000,
      logger: SILENT_LOGGER,
      ...options,
    });

  function started<Client extends BrokerClient>(client: Client): Client {
    clients.push(client);
    client.start();
    return client;
  }

  async function ready<Client extends BrokerClient>(client: Client): Promise<Client> {
    started(client);
    await client.whenReady(PATIENT_MS);
    return client;
  }

  async function another(script = wellBehaved()): Promise<ScriptedServer> {
    const one = new ScriptedServer(script);
    await one.start();
    others.push(one);
    return one;
  }

  const sends = (one: ScriptedServer): number => one.requestsOf(RequestCode.SEND_MESSAGE_V2).length;

  it('goes on by itself when the connection was lost and the server is back', async () => {
    const producer = await ready(transport().createProducer('t'));
    server.stop();
    await eventually(() => !producer.isReady());
    await expect(producer.send(messageTo('t', 'k'), TIMEOUT_MS)).rejects.toThrow(BrokerNotReadyError);
    expect(producer.whyNotReady()).toMatch(/ECONNREFUSED|closed/);
    await server.start();
    await producer.whenReady(PATIENT_MS);
    await producer.send(messageTo('t', 'k'), TIMEOUT_MS);
  });

  it('replaces a connection on which heartbeats get no answer', async () => {
    const producer = await ready(transport().createProducer('t'));
    server.script[RequestCode.HEART_BEAT] = () => undefined;
    await eventually(() => !producer.isReady(), { timeoutMs: PATIENT_MS });
    server.script[RequestCode.HEART_BEAT] = () => ({});
    await producer.whenReady(PATIENT_MS);
  });

  it('asks the next name server when one is away or does not answer', async () => {
    const silent = await another({});
    const nameServers = ['127.0.0.1:9', silent.address, server.address];
    // Long enough for the last one to answer on a busy machine: after a failure all are asked again.
    const patient = transport({ nameServers, requestTimeoutMs: TIMEOUT_MS });
    const producer = await ready(patient.createProducer('t'));
    await producer.send(messageTo('t', 'k'), TIMEOUT_MS);
    expect(silent.requests).toHaveLength(1);
  });

  it('sends to all brokers in turn, and goes round one that fails', async () => {
    const second = await another();
    const brokers = { 'broker-a': server.address, 'broker-b': second.address };
    Object.assign(server.script, wellBehaved('NORMAL', brokers));
    const producer = await ready(transport().createProducer('t'));
    await eventually(() => second.requestsOf(RequestCode.GET_TOPIC_CONFIG).length > 0);
    for (let index = 0; index < 10; index++) await producer.send(messageTo('t', `k${index}`), TIMEOUT_MS);
    expect([sends(server), sends(second)]).toEqual([5, 5]);
    const queues = server.requestsOf(RequestCode.SEND_MESSAGE_V2).map(({ fields }) => fields.e);
    expect(new Set(queues).size).toBe(4);

    second.script[RequestCode.SEND_MESSAGE_V2] = () => ({
      code: ResponseCode.SYSTEM_BUSY,
      remark: '[TIMEOUT]',
    });
    const outcomes = [];
    for (let index = 0; index < 10; index++) {
      outcomes.push(await producer.send(messageTo('t', 'k'), TIMEOUT_MS).catch((error: unknown) => error));
    }
    expect(outcomes.filter((outcome) => outcome instanceof BrokerError)).toHaveLength(1);
  });

  it('is ready with the brokers that are there, and takes the others in when they come', async () => {
    const second = await another();
    second.stop();
    const brokers = { 'broker-a': server.address, 'broker-b': second.address };
    Object.assign(server.script, wellBehaved('NORMAL', brokers));
    const producer = await ready(transport().createProducer('t'));
    await producer.send(messageTo('t', 'k'), TIMEOUT_MS);
    await second.start();
    await eventually(
      async () => {
        await producer.send(messageTo('t', 'k'), TIMEOUT_MS);
        return sends(second) > 0;
      },
      { timeoutMs: PATIENT_MS },
    );
  });

  it('follows the route when a broker has another address', async () => {
    const producer = await ready(transport().createProducer('t'));
    const second = await another();
    const moved = wellBehaved('NORMAL', { 'broker-a': second.address });
    server.script = {
      [RequestCode.GET_ROUTEINFO_BY_TOPIC]: moved[RequestCode.GET_ROUTEINFO_BY_TOPIC] ?? (() => undefined),
    };
    server.dropConnections();
    await eventually(
      async () => {
        await producer.send(messageTo('t', 'k'), TIMEOUT_MS).catch(() => undefined);
        return sends(second) > 0;
      },
      { timeoutMs: PATIENT_MS },
    );
  });

  it.each<[string, Record<number, Script>]>([
    ['still names the lost one', {}],
    ['names none', { [RequestCode.GET_ROUTEINFO_BY_TOPIC]: () => ({ body: Buffer.from('{}') }) }],
  ])('follows the route to a new master soon, although for a while it %s', async (_, meanwhile) => {
    const first = await another();
    const heir = await another();
    Object.assign(server.script, wellBehaved('NORMAL', { 'broker-a': first.address }));
    const producer = await ready(transport().createProducer('t'));
    const routeLookUps = (): number => server.requestsOf(RequestCode.GET_ROUTEINFO_BY_TOPIC).length;
    const before = routeLookUps();
    Object.assign(server.script, meanwhile);
    first.stop();
    await eventually(() => routeLookUps() > before, { timeoutMs: PATIENT_MS });
    Object.assign(server.script, wellBehaved('NORMAL', { 'broker-a': heir.address }));
    // A route that nothing is wrong with is looked up every 30 s.
    await producer.whenReady(PATIENT_MS);
    await producer.send(messageTo('t', 'k'), TIMEOUT_MS);
    expect(sends(heir)).toBe(1);
  });

  describe('ending a half message', () => {
    const holding = (messageId: string) => () => ({
      body: storedMessage({
        topic: 'RMQ_SYS_TRANS_HALF_TOPIC',
        properties: `UNIQ_KEY\u0001${messageId}\u0002PGROUP\u0001t\u0002`,
      }),
    });
    const ends = (one: ScriptedServer): number => one.requestsOf(RequestCode.END_TRANSACTION).length;
    const views = (one: ScriptedServer) => one.requestsOf(RequestCode.VIEW_MESSAGE_BY_ID);
    const unknown = (): Promise<CheckBackAnswer> => Promise.resolve('UNKNOWN');

    it('does not look at it while the connection is the same', async () => {
      const producer = await ready(transport().createTransactionalProducer('t', unknown));
      const half = await producer.sendHalfMessage(messageTo('t', 'k'), TIMEOUT_MS);
      await half.end('COMMIT', TIMEOUT_MS);
      expect([ends(server), views(server).length]).toEqual([1, 0]);
    });

    it.each<[string, Script]>([
      ['another half message', holding('OTHER')],
      ['none', () => ({ code: 1, remark: 'can not find message by the offset, 255' })],
      ['something else', () => ({ body: Buffer.from('0123456789') })],
      [
        'what this user may not see',
        () => ({ code: ResponseCode.NO_PERMISSION, remark: 'User:a has no permission' }),
      ],
    ])('is left to check-back when a new master has %s in its place', async (_, view) => {
      const [first, heir] = [await another(), await another()];
      Object.assign(server.script, wellBehaved('TRANSACTION', { 'broker-a': first.address }));
      heir.script[RequestCode.VIEW_MESSAGE_BY_ID] = view;
      const producer = await ready(transport().createTransactionalProducer('t', unknown));
      const half = await producer.sendHalfMessage(messageTo('t', 'k'), TIMEOUT_MS);
      Object.assign(server.script, wellBehaved('TRANSACTION', { 'broker-a': heir.address }));
      first.stop();
      await eventually(() => !producer.isReady());
      await producer.whenReady(PATIENT_MS);
      await expect(half.end('COMMIT', TIMEOUT_MS)).rejects.toThrow(HalfMessageForgottenError);
      expect([views(heir).length, ends(heir)]).toEqual([1, 0]);
    });

    it('goes on by a new connection when the broker still has it', async () => {
      const producer = await ready(transport().createTransactionalProducer('t', unknown));
      const half = await producer.sendHalfMessage(messageTo('t', 'k'), TIMEOUT_MS);
      server.script[RequestCode.VIEW_MESSAGE_BY_ID] = holding(half.messageId);
      server.dropConnections();
      await eventually(() => !producer.isReady());
      await producer.whenReady(PATIENT_MS);
      await half.end('COMMIT', TIMEOUT_MS);
      expect(views(server)[0]?.fields).toMatchObject({ topic: 't', offset: '255' });
      expect(ends(server)).toBe(1);
    });

    it('answers no check-back by a new connection when the broker has another message there', async () => {
      let decide: (answer: CheckBackAnswer) => void = () => undefined;
      let asked = 0;
      const checkBack = (): Promise<CheckBackAnswer> => {
        asked += 1;
        return new Promise((resolve) => (decide = resolve));
      };
      const producer = await ready(transport().createTransactionalProducer('t', checkBack));
      const extFields = { tranStateTableOffset: '7', commitLogOffset: '255', transactionId: 'ID' };
      const question = { code: RequestCode.CHECK_TRANSACTION_STATE, flag: 2, opaque: 1, extFields };
      server.send(frameOf(question, storedMessage({})));
      await eventually(() => asked === 1);
      server.script[RequestCode.VIEW_MESSAGE_BY_ID] = holding('OTHER');
      server.dropConnections();
      await eventually(() => !producer.isReady());
      await producer.whenReady(PATIENT_MS);
      decide('COMMIT');
      await eventually(() => views(server).length === 1);
      await producer.close(TIMEOUT_MS);
      expect(ends(server)).toBe(0);
    });
  });

  it('refuses a broker before 5.0 in one sentence', async () => {
    server.script[RequestCode.HEART_BEAT] = () => ({ version: 399 });
    const consumer = started(transport().createConsumer('t', 'g'));
    const problem = `broker broker-a (${server.address}) is older than RocketMQ 5.0, which the remoting transport needs`;
    await eventually(() => consumer.whyNotReady()?.includes(problem) === true, { timeoutMs: PATIENT_MS });
    expect(consumer.isReady()).toBe(false);
  });

  it('is not ready any more when its rights are taken away, and ready again when they are given back', async () => {
    const refused = () => ({
      code: ResponseCode.NO_PERMISSION,
      remark: 'User:clientA has no permission to access Topic:t from 127.0.0.1, decision is DENY.',
    });
    const { [RequestCode.GET_TOPIC_CONFIG]: allowed = refused } = server.script;
    server.script[RequestCode.GET_TOPIC_CONFIG] = refused;
    const producer = started(transport().createProducer('t'));
    await eventually(
      () => producer.whyNotReady()?.includes('RocketMQ grants this user no right to it') === true,
    );
    server.script[RequestCode.GET_TOPIC_CONFIG] = allowed;
    await producer.whenReady(PATIENT_MS);
    server.script[RequestCode.HEART_BEAT] = () => ({
      code: ResponseCode.NO_PERMISSION,
      remark: 'check signature failed.',
    });
    await eventually(() => producer.whyNotReady()?.includes('its secret is another one') === true, {
      timeoutMs: PATIENT_MS,
    });
  });

  it('is not ready while the topic is of another type', async () => {
    Object.assign(server.script, wellBehaved('NORMAL'));
    const producer = started(transport().createTransactionalProducer('t', () => Promise.resolve('UNKNOWN')));
    const problem =
      'not of type TRANSACTION at broker-a; give it the type: mqadmin updateTopic -t t -a +message.type';
    await eventually(() => producer.whyNotReady()?.includes(problem) === true);
    await expect(producer.sendHalfMessage(messageTo('t', 'k'), TIMEOUT_MS)).rejects.toThrow(problem);
    Object.assign(server.script, wellBehaved('TRANSACTION'));
    await producer.whenReady(PATIENT_MS);
  });

  it('says which topic is missing', async () => {
    server.script[RequestCode.GET_ROUTEINFO_BY_TOPIC] = () => ({
      code: ResponseCode.TOPIC_NOT_EXIST,
      remark: 'No topic route info in name server for the topic: t',
    });
    const producer = started(transport().createProducer('t'));
    await expect(producer.whenReady(500)).rejects.toThrow(BrokerNotReadyError);
    const problem = 'the topic does not exist; create it with mqadmin updateTopic';
    await eventually(() => producer.whyNotReady()?.includes(problem) === true, { timeoutMs: PATIENT_MS });
  });

  it('says when a broker does not answer in time, and when it refuses', async () => {
    const producer = await ready(transport().createProducer('t'));
    server.script[RequestCode.SEND_MESSAGE_V2] = () => undefined;
    await expect(producer.send(messageTo('t', 'k'), 100)).rejects.toThrow(BrokerTimeoutError);
    server.script[RequestCode.SEND_MESSAGE_V2] = () => ({ code: 1, remark: 'service not available now' });
    await expect(producer.send(messageTo('t', 'k'), TIMEOUT_MS)).rejects.toThrow(
      'sending a message on topic "t" failed: service not available now (code 1)',
    );
    server.script[RequestCode.SEND_MESSAGE_V2] = () => ({ extFields: { msgId: 'none' } });
    await expect(producer.send(messageTo('t', 'k'), TIMEOUT_MS)).rejects.toThrow(
      'the answer holds no message id',
    );
  });

  it('registers its groups, and takes leave of each when it is closed', async () => {
    // Long enough for the first heartbeats to be the only ones.
    const transactional = transport({ producerGroup: 'predecessor', requestTimeoutMs: TIMEOUT_MS });
    const producer = await ready(
      transactional.createTransactionalProducer('t', () => Promise.resolve('UNKNOWN')),
    );
    const consumer = await ready(transactional.createConsumer('t', 'g'));
    const heartbeats = server
      .requestsOf(RequestCode.HEART_BEAT)
      .map(({ body }) => JSON.parse(body.toString()) as Record<string, { groupName: string }[]>);
    expect(heartbeats.flatMap(({ producerDataSet = [] }) => producerDataSet)).toEqual([
      { groupName: 't' },
      { groupName: 'predecessor' },
    ]);
    expect(heartbeats.flatMap(({ consumerDataSet = [] }) => consumerDataSet)).toMatchObject([
      { groupName: 'g' },
    ]);
    await Promise.all([producer.close(TIMEOUT_MS), consumer.close(TIMEOUT_MS)]);
    const farewells = server.requestsOf(RequestCode.UNREGISTER_CLIENT).map(({ fields }) => ({ ...fields }));
    expect(farewells).toMatchObject([
      { producerGroup: 't' },
      { producerGroup: 'predecessor' },
      { consumerGroup: 'g' },
    ]);
  });

  describe('closing', () => {
    function makeAll(): BrokerClient[] {
      const one = transport();
      return [
        one.createTransactionalProducer('t', () => Promise.resolve('UNKNOWN')),
        one.createProducer('t'),
        one.createConsumer('t', 'g'),
      ];
    }

    it.each([
      ['when all is well', () => undefined],
      [
        'when the farewell gets no answer',
        () => {
          server.script[RequestCode.UNREGISTER_CLIENT] = () => undefined;
        },
      ],
      [
        'when the server went away',
        () => {
          server.stop();
        },
      ],
    ])('leaves nothing behind %s', async (_when, prepare) => {
      const before = openHandles();
      const all = await Promise.all(makeAll().map((client) => ready(client)));
      prepare();
      await Promise.all(all.map((client) => client.close(1_000)));
      server.stop();
      await eventually(() => {
        expect(handlesBeyond(before)).toEqual({});
      });
    });

    it.each([
      ['was never there', '127.0.0.1:9'],
      ['never answers', undefined],
    ])('leaves nothing behind when the name server %s', async (_what, nameServer) => {
      const silent = await another({});
      const before = openHandles();
      const nameServers = [nameServer ?? silent.address];
      const late = transport({ nameServers, requestTimeoutMs: 30_000 }).createProducer('t');
      late.start();
      await expect(late.whenReady(100)).rejects.toThrow(BrokerNotReadyError);
      await late.close(1_000);
      await eventually(() => {
        expect(handlesBeyond(before)).toEqual({});
      });
    });
  });

  it('lists everything that is wrong with its options', () => {
    const wrong = () => transport({ nameServers: [], requestTimeoutMs: 1, producerGroup: 'two words' });
    expect(wrong).toThrow(TxMsgConfigurationError);
    for (const name of ['nameServers', 'requestTimeoutMs', 'producerGroup'])
      expect(wrong).toThrow(`rocketmq.${name}`);
    expect(() => transport({ nameServers: ['a:1', '[::1]:9876'] })).not.toThrow();
    expect(() => transport({ nameServers: ['a:1;b:2'] })).toThrow('rocketmq.nameServers');
  });
});
