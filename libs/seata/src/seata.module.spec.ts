import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Global, Injectable, Logger, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DatabaseTransactions, TxMsgConfigurationError } from 'txmsg';
import { FaultInjector, NoFaults } from 'txmsg/faults';
import { DataSource } from 'typeorm';
import { FakeCoordinator } from '../test/fake-coordinator.js';
import { until } from '../test/until.js';
import { GlobalTransactionUnknownError } from './errors/index.js';
import { SeataHealthIndicator } from './health/seata.health-indicator.js';
import { ResourceRegistry } from './rm/resource.registry.js';
import { SeataModule } from './seata.module.js';
import type { SeataOptions } from './seata.options.js';
import { currentGlobalTransaction } from './tm/global-transaction.context.js';
import { GlobalTransactional } from './tm/global-transactional.decorator.js';

@Injectable()
class Work {
  @GlobalTransactional({ name: 'outer' })
  async outer(fails: boolean): Promise<readonly (string | undefined)[]> {
    const xids = [currentGlobalTransaction()?.xid, await this.inner()];
    if (fails) throw new RangeError('its own error');
    return xids;
  }

  @GlobalTransactional()
  async inner(): Promise<string | undefined> {
    return Promise.resolve(currentGlobalTransaction()?.xid);
  }
}

@Global()
@Module({
  providers: [
    { provide: FaultInjector, useClass: NoFaults },
    { provide: DatabaseTransactions, useValue: {} },
    { provide: DataSource, useValue: { options: { host: 'db', port: 3306, database: 'app' } } },
  ],
  exports: [FaultInjector, DatabaseTransactions, DataSource],
})
class TransactionsFixture {}

describe('the module', () => {
  let coordinator: FakeCoordinator;
  let app: TestingModule | undefined;

  const start = async (options: Partial<SeataOptions> = {}): Promise<TestingModule> => {
    const { host, port } = coordinator.address;
    const all = { server: `${host}:${port}`, applicationId: 'app', retentionIntervalMs: 0, ...options };
    const seata = SeataModule.forRootAsync({ useFactory: () => all });
    const metadata = { imports: [TransactionsFixture, seata], providers: [Work] };
    app = await Test.createTestingModule(metadata).compile();
    return app.init();
  };
  const health = (): unknown => app?.get(SeataHealthIndicator).isHealthy('seata');

  beforeEach(async () => {
    for (const level of ['warn', 'log'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    coordinator = await FakeCoordinator.start();
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await coordinator.stop();
    jest.restoreAllMocks();
  });

  it('is connected when the application has started, and leaves nothing when it has ended', async () => {
    await start();
    expect([coordinator.roles, health()]).toEqual([['RM', 'TM'], { seata: { status: 'up' } }]);
    const phase = (): Promise<'DONE'> => Promise.resolve('DONE');
    app
      ?.get(ResourceRegistry)
      .register({ branchType: 'TCC', resourceId: 'late', commit: phase, rollback: phase });
    await until(() => coordinator.of('RegisterRm').at(-1)?.resourceIds === 'commit-decision,late');
    await app?.close();
    await until(() => coordinator.roles.length === 0);
  });

  it('starts without the coordinator, says so, and is connected when that comes', async () => {
    await coordinator.stop();
    await start({ startTimeoutMs: 0, reconnectMinMs: 10, reconnectMaxMs: 50 });
    expect(health()).toMatchObject({ seata: { status: 'down' } });
    await coordinator.listen();
    await until(() => coordinator.roles.includes('TM'));
    await until(() => JSON.stringify(health()).includes('up'));
  });

  it('serves the AT branches of its database when that is switched on', async () => {
    await start({ at: { markerPurgeIntervalMs: 0 } });
    expect(coordinator.of('RegisterRm')).toMatchObject([
      { resourceIds: 'jdbc:mysql://db:3306/app,commit-decision' },
    ]);
  });

  it('keeps the application from starting with wrong options', async () => {
    await expect(start({ applicationId: '' })).rejects.toThrow(TxMsgConfigurationError);
  });

  it('gives methods a global transaction, which the methods that they call join', async () => {
    const work = (await start()).get(Work);
    const [outer, inner] = await work.outer(false);
    expect(outer).toBe(inner);
    expect(coordinator.statusOf(String(outer))).toBe('Committed');
    expect(coordinator.of('Begin')).toEqual([{ type: 'Begin', timeoutMs: 60_000, name: 'outer' }]);
    await work.inner();
    expect(coordinator.of('Begin')[1]).toMatchObject({ name: 'Work.inner' });
  });

  it('gives a server before 2.0 the branch that makes it store a commit', async () => {
    coordinator.version = '1.8.0';
    const work = (await start()).get(Work);
    expect(coordinator.statusOf(String(await work.inner()))).toBe('Committed');
    expect(coordinator.of('BranchRegister')).toMatchObject([{ resourceId: 'commit-decision' }]);
  });

  it('lets their own error pass when it was rolled back, and never answers as failed what may commit', async () => {
    const work = (await start({ endTimeoutMs: 1000 })).get(Work);
    await expect(work.outer(true)).rejects.toThrow(new RangeError('its own error'));
    coordinator.script = ({ type }) => (type === 'Commit' || type === 'Rollback' ? 'SILENCE' : undefined);
    for (const fails of [true, false]) {
      await expect(work.outer(fails)).rejects.toThrow(GlobalTransactionUnknownError);
    }
  });

  it('has given none to what Nest did not make', async () => {
    await expect(new Work().inner()).rejects.toThrow(/Work\.inner/);
  });
});
