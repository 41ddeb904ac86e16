import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  Global,
  Injectable,
  Logger,
  Module,
  Scope,
  type BeforeApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { DatabaseTransactions, TxMsgConfigurationError } from 'txmsg';
import { BackgroundLoop } from 'txmsg/building-blocks';
import { FaultInjector, NoFaults } from 'txmsg/faults';
import { DataSource } from 'typeorm';
import { FakeCoordinator } from '../test/fake-coordinator.js';
import { until } from '../test/until.js';
import { GlobalTransactionUnknownError } from './errors/index.js';
import { SeataHealthIndicator } from './health/seata.health-indicator.js';
import { ResourceRegistry } from './rm/resource.registry.js';
import { SeataModule } from './seata.module.js';
import type { SeataOptions } from './seata.options.js';
import { SeataStartChecks } from './seata.start-checks.js';
import { TwoPhaseBusinessAction } from './tcc/two-phase-business-action.decorator.js';
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

/** In place of the database: the transactions that run here are those of purges. */
const transactions = { run: () => Promise.resolve({ deleted: 0, next: undefined }) };

@Injectable({ scope: Scope.REQUEST })
class RequestLog {}

class Action {
  @TwoPhaseBusinessAction({ name: 'action' })
  try(): Promise<void> {
    return Promise.resolve();
  }
  confirm(): Promise<void> {
    return Promise.resolve();
  }
  cancel(): Promise<void> {
    return Promise.resolve();
  }
}

@Injectable()
class NeedyAction extends Action {
  constructor(readonly log: RequestLog) {
    super();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestAction extends Action {}

@Injectable({ scope: Scope.TRANSIENT })
class TransientAction extends Action {}

@Global()
@Module({
  providers: [
    { provide: FaultInjector, useClass: NoFaults },
    { provide: DatabaseTransactions, useValue: transactions },
    { provide: DataSource, useValue: { options: { host: 'db', port: 3306, database: 'app' } } },
  ],
  exports: [FaultInjector, DatabaseTransactions, DataSource],
})
class TransactionsFixture {}

describe('the module', () => {
  let coordinator: FakeCoordinator;
  let app: TestingModule | undefined;

  const start = async (
    options: Partial<SeataOptions> = {},
    providers: Provider[] = [],
  ): Promise<TestingModule> => {
    const { host, port } = coordinator.address;
    const all = { server: `${host}:${port}`, applicationId: 'app', retentionIntervalMs: 0, ...options };
    const seata = SeataModule.forRootAsync({ useFactory: () => all });
    const metadata = { imports: [TransactionsFixture, seata], providers: [Work, ...providers] };
    // There is no database; test: "a service without messages, on a MySQL with other settings".
    const withoutDatabase = { run: () => Promise.resolve() };
    app = await Test.createTestingModule(metadata)
      .overrideProvider(SeataStartChecks)
      .useValue(withoutDatabase)
      .compile();
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

  it.each<[what: string, provider: Provider, sentence: RegExp]>([
    ['request-scoped', RequestAction, /^RequestAction is request-scoped\. .*ModuleRef/],
    ['transient', TransientAction, /^TransientAction is transient\. /],
    [
      'by a dependency',
      NeedyAction,
      /^NeedyAction depends on RequestLog, which is request-scoped\. .*ModuleRef/,
    ],
    [
      'by a request-scoped factory',
      { provide: Action, scope: Scope.REQUEST, useFactory: () => new Action() },
      /^Action is request-scoped\. .*ModuleRef/,
    ],
    [
      'by the dependency of a factory',
      { provide: Action, inject: [REQUEST], useFactory: () => new Action() },
      /^Action depends on REQUEST, which is request-scoped\. .*ModuleRef/,
    ],
  ])(
    'keeps the application from starting with an action that Nest makes for each request: %s',
    async (_what, provider, sentence) => {
      await expect(start({}, [RequestLog, provider])).rejects.toMatchObject({
        problems: [expect.stringMatching(sentence)],
      });
      expect(coordinator.received).toEqual([]);
    },
  );

  it('is not kept from starting by a factory that makes no action, or one for all', async () => {
    class OtherAction extends Action {}
    await start({}, [
      { provide: OtherAction, useFactory: () => undefined },
      { provide: 'one for all', useFactory: () => new Action() },
    ]);
    expect(coordinator.of('RegisterRm').at(-1)?.resourceIds).toContain('action');
  });

  it('purges nothing any more while another module still waits in its own hook', async () => {
    let purges = 0;
    jest.spyOn(transactions, 'run').mockImplementation(() => {
      purges += 1;
      return Promise.resolve({ deleted: 0, next: undefined });
    });
    const seen: number[] = [];
    // Nest calls the hooks of the root module, which this is a part of, before those of the library.
    @Injectable()
    class SlowToEnd implements BeforeApplicationShutdown {
      async beforeApplicationShutdown(): Promise<void> {
        seen.push(purges);
        // Long enough for purges that go on: as many rounds as they had time for.
        let rounds = 0;
        const control = new BackgroundLoop();
        control.startAboutEvery(2, () => Promise.resolve((rounds += 1)));
        await until(() => rounds >= 20);
        await control.stop(1000);
        seen.push(purges);
      }
    }
    await start({ retentionIntervalMs: 1, at: { markerPurgeIntervalMs: 1 } }, [SlowToEnd]);
    await until(() => purges >= 4);
    await app?.close();
    const [atTheSignal] = seen;
    expect(seen).toEqual([atTheSignal, atTheSignal]);
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
