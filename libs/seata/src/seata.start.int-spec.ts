import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Global, Logger, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DatabaseTransactions, TxMsgConfigurationError } from 'txmsg';
import { FaultInjector, NoFaults } from 'txmsg/faults';
import { DataSource } from 'typeorm';
import { FakeCoordinator } from '../test/fake-coordinator.js';
import { otherServerOptions } from '../test/other-server.js';
import { createSeataDatabase } from '../test/seata-database.js';
import { SeataModule } from './seata.module.js';
import type { SeataOptions } from './seata.options.js';

describe('a service without messages, on a MySQL with other settings', () => {
  let url: string;
  let coordinator: FakeCoordinator;
  let dataSource: DataSource | undefined;
  let app: TestingModule | undefined;

  beforeAll(async () => {
    url = await createSeataDatabase('start');
  });
  beforeEach(async () => {
    for (const level of ['warn', 'log'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    coordinator = await FakeCoordinator.start();
  });
  afterEach(async () => {
    await app?.close();
    if (dataSource?.isInitialized === true) await dataSource.destroy();
    app = dataSource = undefined;
    await coordinator.stop();
    jest.restoreAllMocks();
  });

  async function problemsAtStart(
    variables: Readonly<Record<string, string>>,
    { driver = {}, options = {} }: { driver?: object; options?: Partial<SeataOptions> } = {},
  ): Promise<readonly string[]> {
    const database = await new DataSource({ ...otherServerOptions(url, variables), ...driver }).initialize();
    dataSource = database;

    @Global()
    @Module({
      providers: [
        { provide: DataSource, useValue: database },
        { provide: DatabaseTransactions, useValue: new DatabaseTransactions(database) },
        { provide: FaultInjector, useClass: NoFaults },
      ],
      exports: [DataSource, DatabaseTransactions, FaultInjector],
    })
    class TransactionsModule {}

    const { host, port } = coordinator.address;
    const seata = SeataModule.forRoot({ server: `${host}:${port}`, applicationId: 'app', ...options });
    app = await Test.createTestingModule({ imports: [TransactionsModule, seata] }).compile();
    try {
      await app.init();
      return [];
    } catch (error) {
      if (error instanceof TxMsgConfigurationError) return error.problems;
      throw error;
    }
  }

  it.each<[variables: Record<string, string>, sentence: RegExp]>([
    [{ innodb_flush_log_at_trx_commit: '2' }, /innodb_flush_log_at_trx_commit = 2, so a crash can undo/],
    [{ log_bin: '1', sync_binlog: '1000' }, /sync_binlog = 1000, so a crash can undo/],
    [{ log_bin: '1', sync_binlog: '1', binlog_format: "'STATEMENT'" }, /binlog_format = STATEMENT/],
    [{ max_allowed_packet: '1048576' }, /max_allowed_packet = 1048576/],
    [{ max_prepared_stmt_count: '0' }, /max_prepared_stmt_count = 0/],
    [{ version: "'8.0.18'" }, /The database is "8\.0\.18"/],
  ])('does not start, and says why: %j', async (variables, sentence) => {
    expect(await problemsAtStart(variables)).toEqual([expect.stringMatching(sentence)]);
    expect(coordinator.received).toEqual([]);
  });

  it('does not start with other settings of the driver, in the same report', async () => {
    const driver = { supportBigNumbers: false, bigNumberStrings: false };
    const problems = await problemsAtStart({ innodb_flush_log_at_trx_commit: '0' }, { driver });
    expect(problems).toEqual([expect.stringContaining('trx_commit = 0'), expect.stringContaining('BIGINT')]);
  });

  it('starts when it accepts a loss of what was committed', async () => {
    const options = { acceptUnsafeFlush: true };
    expect(await problemsAtStart({ innodb_flush_log_at_trx_commit: '2' }, { options })).toEqual([]);
    expect(coordinator.of('RegisterTm')).toHaveLength(1);
  });

  it("starts where they are MySQL's defaults, and warns when there is no binary log", async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    expect(await problemsAtStart({ log_bin: '0' })).toEqual([]);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('has no binary log'));
  });
});
