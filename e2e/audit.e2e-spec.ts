import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditReport } from '@txmsg/bank/audit';
import { CommandError } from 'txmsg/cli';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { COMMANDS } from '../tools/cli/commands.js';
import { runCommandLine } from '../tools/cli/run.js';
import { call, transfer, type Answer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';
import { TransferLoad } from './kit/transfer-load.js';

describe('the audit of two running banks', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  const startBank1 = (environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> =>
    banks.start('bank1', {
      ADMIN_TOKEN: 'of-bank1',
      BANK2_ADMIN_TOKEN: 'of-bank2',
      BANK2_URL: new URL(bank2.url).origin,
      ...environment,
    });

  beforeAll(async () => {
    banks = await TestBanks.create('audit');
    bank2 = await banks.start('bank2', { ADMIN_TOKEN: 'of-bank2' });
    bank1 = await startBank1();
  });
  afterAll(() => banks.close());

  const ask = (bank: ServiceProcess): Promise<Answer> =>
    call(`${bank.url}/admin/audit`, { headers: { authorization: 'Bearer of-bank1' } });

  /** `npm run txmsg -- audit --json` */
  async function command(environment: NodeJS.ProcessEnv): Promise<{ exitCode: number; report: AuditReport }> {
    const printed: string[] = [];
    const exitCode = await runCommandLine(['audit', '--json'], COMMANDS, {
      environment,
      stackDirectory: '/nowhere',
      print: (text) => {
        printed.push(text);
      },
    });
    return { exitCode, report: JSON.parse(printed.join('')) as AuditReport };
  }
  const twoUrls = () => ({
    BANK1_MYSQL_URL: banks.mysqlUrl('bank1'),
    BANK2_MYSQL_URL: banks.mysqlUrl('bank2'),
  });
  const withRoot = () => ({ ...twoUrls(), MYSQL_ROOT_URL: banks.servers.mysqlRootUrl });

  it('agrees while transfers run, through the admin call and through the command', async () => {
    const pair = await banks.books.openPair('audited', '1000.00');
    const load = new TransferLoad('audited', bank1, pair);
    await eventually(() => load.count(201) > 10);
    for (let round = 0; round < 5; round++) {
      const { status, body } = await ask(bank1);
      expect({ status, disagreements: body?.disagreements }).toEqual({
        status: 200,
        disagreements: { count: 0, listed: [] },
      });
      for (const [environment, reading] of [
        [withRoot(), 'ONE_SNAPSHOT'],
        [twoUrls(), 'THREE_SNAPSHOTS'],
      ] as const) {
        const { exitCode, report } = await command(environment);
        expect(report).toMatchObject({ reading, agrees: true, foreignCredits: { count: 0 } });
        expect(exitCode).toBe(0);
      }
    }
    await load.stop();
    await expectAllEnded(banks.books);
    expect((await ask(bank1)).body).toEqual((await command(twoUrls())).report);
  });

  it('names what disagrees, and fails', async () => {
    await banks.books.open('bank2', 'richer', '0.00');
    await banks.books.add('bank2', 'richer', '0.01');
    const disagreement = {
      kind: 'ACCOUNT',
      bank: 'bank2',
      accountNo: 'richer',
      found: '0.01',
      expected: '0.00',
    };
    const { status, body } = await ask(bank1);
    expect(status).toBe(200);
    expect(body).toMatchObject({ agrees: false, disagreements: { count: 2 } });
    for (const environment of [withRoot(), twoUrls()]) {
      const { exitCode, report } = await command(environment);
      expect(exitCode).toBe(1);
      expect(report.disagreements.listed[0]).toEqual(disagreement);
    }
    await banks.books.add('bank2', 'richer', '-0.01');
  });

  it('names a credit that was invented or removed in the database, unless foreign senders are declared', async () => {
    const pair = await banks.books.openPair('tampered', '10.00');
    expect((await transfer(bank1, { ...pair, txNo: 'removed', amount: '4.00' })).status).toBe(201);
    await expectAllEnded(banks.books);
    await banks.books.inventCredit('invented', pair, '3.00');
    const invented = { count: 2, listed: [{ kind: 'TRANSFER', txNo: 'invented' }, { kind: 'TOTAL' }] };
    expect((await ask(bank1)).body).toMatchObject({ agrees: false, disagreements: invented });
    const declaring = await startBank1({ FOREIGN_SENDERS: 'true' });
    expect((await ask(declaring)).body).toMatchObject({
      agrees: true,
      disagreements: { count: 0, listed: [] },
      foreignCredits: { count: 1, listed: [{ txNo: 'invented' }], sum: '3.00' },
    });
    for (const environment of [withRoot(), twoUrls()]) {
      expect(await command(environment)).toMatchObject({ exitCode: 1, report: { disagreements: invented } });
      const declared = await command({ ...environment, FOREIGN_SENDERS: 'true' });
      expect(declared).toMatchObject({ exitCode: 0, report: { foreignCredits: { sum: '3.00' } } });
    }
    await banks.books.removeCredit('invented');
    expect((await ask(bank1)).body).toMatchObject({ agrees: true });

    await banks.books.removeCredit('removed');
    const removed = { count: 2, listed: [{ kind: 'TRANSFER', txNo: 'removed' }, { kind: 'TOTAL' }] };
    for (const bank of [bank1, declaring])
      expect((await ask(bank)).body).toMatchObject({ agrees: false, disagreements: removed });
    await declaring.kill('SIGKILL');
    for (const environment of [withRoot(), { ...twoUrls(), FOREIGN_SENDERS: 'true' }]) {
      expect(await command(environment)).toMatchObject({ exitCode: 1, report: { disagreements: removed } });
    }
    await banks.books.inventCredit('removed', pair, '4.00');
    expect((await ask(bank1)).body).toMatchObject({ agrees: true });
  });

  it('says that bank2 refuses, or is away, and gives no verdict then', async () => {
    const environment = { ADMIN_TOKEN: 'of-bank1', BANK2_URL: new URL(bank2.url).origin };
    const stranger = await banks.start('bank1', environment);
    expect((await ask(stranger)).body).toMatchObject({
      status: 502,
      code: 'BOOKS_REFUSED',
      detail: expect.stringContaining('BANK2_ADMIN_TOKEN'),
    });
    await stranger.kill('SIGKILL');
    await bank2.kill('SIGKILL');
    expect((await ask(bank1)).body).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
  });

  it('works while no bank runs, and says when a database cannot be read', async () => {
    await bank1.kill('SIGKILL');
    expect((await command(twoUrls())).exitCode).toBe(0);
    const unreadable = command({ ...twoUrls(), BANK2_MYSQL_URL: 'mysql://bank2:x@127.0.0.1:1/bank2' });
    await expect(unreadable).rejects.toBeInstanceOf(CommandError);
    await expect(unreadable).rejects.toMatchObject({ exitCode: 3 });
  });
});
