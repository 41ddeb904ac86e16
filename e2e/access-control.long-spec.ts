import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrokerTimeoutError } from 'txmsg';
import { RocketmqAdmin, type RocketmqCredentials } from 'txmsg/admin';
import { eventually } from 'txmsg/testing';
import type { RocketmqTransport } from '../libs/txmsg/src/rocketmq/index.js';
import type { BrokerClient, OutgoingMessage, TransactionalProducer } from '../libs/txmsg/src/broker/index.js';
import type { ServiceProcess } from './kit/service-process.js';
import type { Bank } from '@txmsg/contracts';
import { BankUsers, newSecret } from './kit/bank-users.js';
import { transfer, type TransferOrder } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { OwnServers } from './kit/own-servers.js';
import { quietTransport } from './kit/quiet-transport.js';
import { PATIENCE, untilReady, untilRefused } from './kit/readiness.js';
import { TestBanks } from './kit/test-banks.js';

const ADMIN_TOKEN = 'the-token-that-no-log-shows';
const WRONG_SECRET = 'RocketMQ does not know this user, or its secret is another one';
const NO_RIGHT = 'RocketMQ grants this user no right to it';

/** Reconciliation is off: what a refusal leaves undone, only the messages themselves may bring to its end. */
describe('with RocketMQ under access control', () => {
  const administrator = { accessKey: 'administrator', accessSecret: newSecret() };
  const files = mkdtempSync(join(tmpdir(), 'txmsg-secrets-'));
  const started: ServiceProcess[] = [];
  const secrets: string[] = [administrator.accessSecret, ADMIN_TOKEN];
  let own: OwnServers;
  let banks: TestBanks;
  let admin: RocketmqAdmin;
  let users: BankUsers;

  beforeAll(async () => {
    own = await OwnServers.start({}, { administrator });
    banks = await TestBanks.create('acl', own.servers);
    admin = banks.admin();
    users = await BankUsers.create(admin, banks);
    secrets.push(users.of('bank1').accessSecret, users.of('bank2').accessSecret);
  }, 300_000);
  afterAll(async () => {
    admin.close();
    await banks.close();
    await own.stop();
    rmSync(files, { recursive: true });
  });

  /** Everything that a bank says is kept, in every detail. */
  function launch(
    bank: Bank,
    settings: Readonly<Record<string, string>> = users.settings(bank),
  ): ServiceProcess {
    const instance = banks.launch(bank, { LOG_LEVEL: 'debug', ADMIN_TOKEN, ...settings });
    started.push(instance);
    return instance;
  }
  async function stop(...instances: readonly ServiceProcess[]): Promise<void> {
    await Promise.all(instances.map((instance) => instance.kill('SIGTERM')));
  }

  it('transfers go through, with each bank as a user of its own', async () => {
    const file = join(files, 'bank2');
    writeFileSync(file, `${users.of('bank2').accessSecret}\n`);
    const fromFile = { ROCKETMQ_ACCESS_KEY: 'bank2', ROCKETMQ_ACCESS_SECRET_FILE: file };
    const bank1 = launch('bank1');
    const bank2 = launch('bank2', fromFile);
    await untilReady(bank1, bank2);
    const pair = await banks.books.openPair('locked', '10.00');
    expect((await transfer(bank1, { ...pair, txNo: 'locked', amount: '4.00' })).status).toBe(201);
    await expectAllEnded(banks.books, PATIENCE.timeoutMs);
    expect(await banks.books.balances(pair)).toEqual(['6.00', '4.00']);
    await stop(bank1, bank2);
  });

  /** Of the proxy, also when the banks speak remoting; clients of that have remoting-security.long-spec.ts. */
  describe('a client', () => {
    const transport = (credentials?: RocketmqCredentials): RocketmqTransport =>
      quietTransport(own.servers, credentials ? { credentials } : {});
    const sender = (credentials?: RocketmqCredentials): BrokerClient =>
      transport(credentials).createTransactionalProducer(banks.topic, () => Promise.resolve('UNKNOWN'));
    const receiver = (credentials: RocketmqCredentials): BrokerClient =>
      transport(credentials).createConsumer(banks.topic, banks.consumerGroup);

    async function outcomeOf(client: BrokerClient): Promise<string> {
      client.start();
      try {
        return await eventually(() => {
          if (client.isReady()) return 'connected';
          const reason = client.whyNotReady() ?? '';
          return reason.includes('RocketMQ') ? reason : false;
        }, PATIENCE);
      } finally {
        await client.close(2000);
      }
    }

    it("is connected with bank1's user as a sender, and with bank2's as a receiver", async () => {
      expect(await outcomeOf(sender(users.of('bank1')))).toBe('connected');
      expect(await outcomeOf(receiver(users.of('bank2')))).toBe('connected');
    });

    it.each<[string, string, () => BrokerClient]>([
      ['without credentials', 'wants a user and its secret', () => sender()],
      ['with a wrong secret', WRONG_SECRET, () => sender({ accessKey: 'bank1', accessSecret: 'guess' })],
      ['as an unknown user', WRONG_SECRET, () => sender({ accessKey: 'mallory', accessSecret: 'guess' })],
      ["with bank2's user, as a sender", NO_RIGHT, () => sender(users.of('bank2'))],
      ["with bank1's user, as a receiver", NO_RIGHT, () => receiver(users.of('bank1'))],
    ])('is refused %s', async (_how, reason, client) => {
      expect(await outcomeOf(client())).toContain(reason);
    });

    it('cannot go round the proxy to the broker', async () => {
      const stranger = new RocketmqAdmin({ namesrv: own.servers.namesrv });
      await expect(stranger.createTopic('stolen', 'NORMAL')).rejects.toThrow('username cannot be null');
      stranger.close();
    });

    it.each<[string, (users: BankUsers) => Promise<void>, (users: BankUsers) => Promise<void>]>([
      ['whose rights are revoked', (u) => u.revoke('bank1'), (u) => u.grant('bank1')],
      ['whose secret is changed', (u) => u.change('bank1'), (u) => u.restore('bank1')],
    ])(
      '%s while it is connected, is refused to send, and is connected again when it is mended',
      async (_w, spoil, mend) => {
        const client = transport(users.of('bank1')).createTransactionalProducer(banks.topic, () =>
          Promise.resolve('UNKNOWN'),
        );
        const message = { topic: banks.topic, key: 'k', body: Buffer.from('{}'), properties: {} };
        try {
          client.start();
          await client.whenReady(PATIENCE.timeoutMs);
          await spoil(users);
          expect(await refusalOf(client, message)).toContain('RocketMQ');
          await eventually(() => !client.isReady(), PATIENCE);
          await mend(users);
          await client.whenReady(PATIENCE.timeoutMs);
        } finally {
          await mend(users);
          await client.close(2000);
        }
      },
    );
  });

  it('a bank whose own secret is wrong says so, does nothing, and works as soon as RocketMQ knows the secret', async () => {
    const accessSecret = newSecret();
    secrets.push(accessSecret);
    const wrong = { ROCKETMQ_ACCESS_KEY: 'bank1', ROCKETMQ_ACCESS_SECRET: accessSecret };
    const bank1 = launch('bank1', wrong);
    const bank2 = launch('bank2');
    await untilRefused(bank1, WRONG_SECRET);
    const order = { ...(await banks.books.openPair('wrong', '10.00')), txNo: 'wrong', amount: '1.00' };
    expect((await transfer(bank1, order)).status).toBe(503);
    expect(await banks.books.outgoing('wrong')).toBeUndefined();

    await admin.putUser({ accessKey: 'bank1', accessSecret });
    await untilReady(bank1, bank2);
    expect((await transfer(bank1, order)).status).toBe(201);
    await expectAllEnded(banks.books, PATIENCE.timeoutMs);
    await stop(bank1, bank2);
    await users.restore('bank1');
  });

  it('a bank without any user says so', async () => {
    const bank2 = launch('bank2', {});
    await untilRefused(bank2, 'RocketMQ wants a user and its secret, and none is configured');
    await stop(bank2);
  });

  it('nothing is lost, doubled or buried when both secrets are changed at work and changed back', async () => {
    const bank1 = launch('bank1');
    const bank2 = launch('bank2');
    await untilReady(bank1, bank2);
    const pair = await banks.books.openPair('changed', '100.00');
    const order = (txNo: string) => ({ ...pair, txNo, amount: '1.00' });
    expect((await transfer(bank1, order('before'))).status).toBe(201);

    const between = await changedUnderWay(bank1, order);
    for (const instance of [bank1, bank2]) await untilRefused(instance, WRONG_SECRET);
    expect(await banks.books.outgoing(between.txNo)).toMatchObject({ state: 'DEBITED' });
    expect((await transfer(bank1, order('during'))).status).toBe(503);
    // What was done before is not denied, although RocketMQ refuses to take its half message.
    expect((await transfer(bank1, between)).status).toBe(200);

    await users.restore('bank1');
    await users.restore('bank2');
    await untilReady(bank1, bank2);
    await expectAllEnded(banks.books, PATIENCE.timeoutMs);
    expect(await banks.books.outgoing('during')).toBeUndefined();
    expect(await banks.books.balances(pair)).toEqual(['98.00', '2.00']);
    expect(await banks.books.deadLetters()).toEqual([]);
    await stop(bank1, bank2);
  });

  /**
   * A transfer whose half message is stored, and whose local transaction waits, while RocketMQ forgets both secrets. It
   * waits for some ten seconds and then gives up; the changes may take longer on a busy machine. Then there is another
   * one, for as long as it takes.
   */
  async function changedUnderWay(
    bank1: ServiceProcess,
    orderOf: (txNo: string) => TransferOrder & { readonly txNo: string },
  ): Promise<ReturnType<typeof orderOf>> {
    const endsAtMs = Date.now() + PATIENCE.timeoutMs;
    for (let round = 1; ; round += 1) {
      const order = orderOf(`between-${round}`);
      const letGo = await banks.books.holdBarrier(order.txNo, banks.producerGroup);
      const underWay = transfer(bank1, order);
      await eventually(() => hasLogged(bank1, 'half message sent', order.txNo), PATIENCE);
      await users.change('bank1');
      await users.change('bank2');
      await letGo();
      // COMMIT is refused after the debit: that is neither "nothing was done" nor a reason to undo anything.
      const { status } = await underWay;
      if (status === 201) return order;
      expect(await banks.books.outgoing(order.txNo)).toBeUndefined();
      if (Date.now() > endsAtMs) throw new Error(`The changes took too long for each of ${round} transfers.`);
      await users.restore('bank1');
      await users.restore('bank2');
      await untilReady(bank1);
    }
  }

  it('no bank has written any secret anywhere, at the most talkative level', () => {
    const output = started.map((instance) => instance.output()).join('');
    expect(output).toContain('half message sent');
    const password = new URL(banks.mysqlUrl('bank1')).password;
    expect([...secrets, password].filter((secret) => output.includes(secret))).toEqual([]);
    expect(output).not.toContain('MQv2-HMAC');
  });
});

/** Why RocketMQ refuses it. Its answer may be late, the refusal may not: a message that is accepted ends the test. */
async function refusalOf(client: TransactionalProducer, message: OutgoingMessage): Promise<string> {
  return eventually(async () => {
    const refusal: unknown = await client.sendHalfMessage(message, 10_000).then(
      () => new Error('it was accepted'),
      (error: unknown) => error,
    );
    return refusal instanceof BrokerTimeoutError ? false : (refusal as Error).message;
  }, PATIENCE);
}

function hasLogged(instance: ServiceProcess, message: string, txNo: string): boolean {
  return instance.logs().some((line) => line.message === message && line.txNo === txNo);
}
