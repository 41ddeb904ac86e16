import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, MysqlProxy } from 'txmsg/testing';
import { call } from './kit/http.js';
import { expectAllArrived, expectMoneyConserved, expectTruthful } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';
import { TransferLoad } from './kit/transfer-load.js';

/** Nobody listens there. */
const NO_BROKER = { ROCKETMQ_ENDPOINTS: '127.0.0.1:9', ROCKETMQ_NAMESRV: '127.0.0.1:9' };

/** A bank that is not done within 9 s of SIGTERM ends itself with exit code 1, so 0 also means "in time". */
const CLEAN = { code: 0, signal: null };

describe('the process of a bank', () => {
  let banks: TestBanks;

  beforeAll(async () => {
    banks = await TestBanks.create('process');
  });
  afterAll(() => banks.close());

  describe('on SIGTERM', () => {
    it.each(['bank1', 'bank2'] as const)('ends cleanly: an idle %s', async (bank) => {
      const instance = await banks.start(bank);
      const before = instance.logs().length;
      await instance.kill('SIGTERM');
      expect(await instance.exited).toEqual(CLEAN);
      expect(linesAbove('log', instance.logs().slice(before))).toEqual([]);
    });

    it.each(['bank1', 'bank2'] as const)('ends cleanly although its broker is away: %s', async (bank) => {
      const instance = banks.launch(bank, NO_BROKER);
      await eventually(async () => (await call(`${instance.url}/health/ready`)).status === 503);
      await instance.kill('SIGTERM');
      expect(await instance.exited).toEqual(CLEAN);
    });

    it('ends cleanly under load, and everything that was answered is true', async () => {
      const pair = await banks.books.openPair('load', '1000.00');
      const [bank1, bank2] = await Promise.all([banks.start('bank1'), banks.start('bank2')]);
      const load = new TransferLoad('load', bank1, pair, 8);
      await eventually(() => load.count(201) >= 50);
      await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
      expect(await bank1.exited).toEqual(CLEAN);
      expect(await bank2.exited).toEqual(CLEAN);
      const sent = await load.stop();

      // Their successors find what was left, if anything.
      await Promise.all([banks.start('bank1'), banks.start('bank2')]);
      await expectAllArrived(banks.books);
      await expectTruthful(banks.books, sent);
    });
  });

  it.each([
    ['connections are opened', /version\(\)/i],
    ['the library looks at it', /innodb_flush_log_at_trx_commit/],
  ])('starts all the same when its database goes away just when %s', async (_when, statement) => {
    const proxy = await MysqlProxy.start(banks.mysqlUrl('bank1'));
    try {
      const isAway = proxy.at(statement, 'cut-before');
      const instance = await banks.start('bank1', { MYSQL_URL: proxy.url });
      await isAway;
      await instance.kill('SIGTERM');
      expect(await instance.exited).toEqual(CLEAN);
    } finally {
      await proxy.close();
    }
  });

  describe('when it cannot start, ends with exit code 1 and says why', () => {
    it('in one sentence, on a port that is already in use', async () => {
      const first = await banks.start('bank1');
      const { port } = new URL(first.url);
      const second = banks.launch('bank1', { PORT: port });
      expect(await second.exited).toEqual({ code: 1, signal: null });
      const sentence = `bank1 cannot start: Port ${port} on 127.0.0.1 is already in use by another program; set PORT to a free one.`;
      expect(plainLines(second.output())).toEqual([sentence]);
      expect((await call(`${first.url}/health/live`)).status).toBe(200);
      await expectMoneyConserved(banks.books);
    });

    it('about every wrong setting at once', async () => {
      const instance = banks.launch('bank2', {
        PORT: '56082x',
        MYSQL_URL: undefined,
        ROCKETMQ_ENDPOINTS: 'localhost',
        FAULTS: '{"point":"consume.begun"}',
        CONSUMER_GROUP: 'a group',
      });
      expect(await instance.exited).toEqual({ code: 1, signal: null });
      const lines = plainLines(instance.output());
      for (const name of ['PORT', 'MYSQL_URL', 'ROCKETMQ_ENDPOINTS', 'FAULTS', 'CONSUMER_GROUP']) {
        expect(lines).toContainEqual(
          expect.stringMatching(new RegExp(`^bank2 cannot start: ${name} .*must be`)),
        );
      }
      expect(lines).toHaveLength(5);
    });

    it.each([
      ['a password that MySQL refuses', { password: 'wrong' }, 'refuses the user or password'],
      ['a database that is not there', { pathname: '/not_there' }, /does not exist|no rights on it/],
    ])('in one sentence, with %s', async (_what, change, reason) => {
      const url = Object.assign(new URL(banks.mysqlUrl('bank1')), change);
      const instance = banks.launch('bank1', { MYSQL_URL: url.href });
      expect(await instance.exited).toEqual({ code: 1, signal: null });
      const lines = plainLines(instance.output());
      expect(lines).toEqual([expect.stringMatching(reason)]);
      expect(lines.join()).not.toContain('wrong');
    });

    it('in one sentence, without a database that answers', async () => {
      const environment = { MYSQL_URL: 'mysql://u:p@127.0.0.1:9/bank1', DATABASE_START_TIMEOUT_MS: '500' };
      const instance = banks.launch('bank1', environment);
      expect(await instance.exited).toEqual({ code: 1, signal: null });
      expect(plainLines(instance.output())).toEqual([
        expect.stringMatching(
          /127\.0\.0\.1:9\/bank1 \(MYSQL_URL\) did not answer within 0\.5 s \(ECONNREFUSED\)/,
        ),
      ]);
    });

    it.each([
      [
        'a fault point that does not exist',
        { FAULTS: '[{"point":"nowhere","action":"kill"}]' },
        /"nowhere" is unknown/,
      ],
      [
        'fault injection in production',
        { FAULTS: '[{"point":"consume.begun","action":"throw"}]', NODE_ENV: 'production' },
        /fault injection is refused when NODE_ENV is "production"/,
      ],
    ])('in one sentence, with %s', async (_what, environment, reason) => {
      const instance = banks.launch('bank2', environment);
      expect(await instance.exited).toEqual({ code: 1, signal: null });
      expect(plainLines(instance.output())).toEqual([expect.stringMatching(reason)]);
    });
  });
});

/** What is not a line of the log. */
function plainLines(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
}

function linesAbove(
  level: string,
  lines: readonly { readonly level?: unknown; readonly message: string }[],
): string[] {
  return lines.filter((line) => line.level !== level).map(({ message }) => message);
}
