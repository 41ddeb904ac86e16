import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { InvalidArgumentError } from 'txmsg';
import { FaultInjector, NoFaults } from 'txmsg/faults';
import { connectedChannels } from '../../test/connected-channels.js';
import { FakeCoordinator } from '../../test/fake-coordinator.js';
import { until } from '../../test/until.js';
import type { CoordinatorChannels } from '../channel/index.js';
import {
  CoordinatorRefusedError,
  CoordinatorUnavailableError,
  GlobalTransactionDeadlineError,
  GlobalTransactionOverError,
  GlobalTransactionRolledBackError,
  MalformedFrameError,
  NestedGlobalTransactionError,
  UnawaitedBranchError,
} from '../errors/index.js';
import { BranchDispatcher } from '../rm/branch.dispatcher.js';
import { BranchRegistrar } from '../rm/branch.registrar.js';
import { ResourceRegistry } from '../rm/resource.registry.js';
import type { PhaseTwoAnswer } from '../rm/branch.js';
import { SeataCounters, type CountedOutcome } from '../telemetry/seata.counters.js';
import { GLOBAL_STATUSES, type GlobalStatus, type Message } from '../wire/index.js';
import { CommitDecision } from './commit-decision.js';
import { CoordinatorClient } from './coordinator.client.js';
import {
  currentGlobalTransaction,
  type GlobalTransactionContext,
  type OwnBranchOutcome,
} from './global-transaction.context.js';
import { GlobalTransactionEnding } from './global-transaction.ending.js';
import { GlobalTransactions } from './global-transactions.js';
import { refuseBranchWhenOver } from './open-global-transaction.js';

const named = { name: 'work' };

describe('a global transaction', () => {
  let coordinator: FakeCoordinator;
  let channels: CoordinatorChannels;
  let registrar: BranchRegistrar;
  let decision: CommitDecision;
  let phaseTwo: string[];
  let phaseTwoAnswer: PhaseTwoAnswer;
  /** What the own branches' database says. */
  let own: OwnBranchOutcome;

  let counters: SeataCounters;
  let counted: CountedOutcome[];

  const transactions = (faults: FaultInjector = new NoFaults(), endTimeoutMs = 3000): GlobalTransactions => {
    const client = new CoordinatorClient(channels.tm);
    const ending = new GlobalTransactionEnding(client, faults, { endTimeoutMs, callTimeoutMs: 1000 });
    // Each is waited for once in the tests whose coordinator is silent; a busy machine answers in time all the same.
    const limits = { callTimeoutMs: 3000, globalTimeoutMs: 60_000 };
    return new GlobalTransactions(client, ending, decision, faults, limits, counters);
  };
  const branch = (context: GlobalTransactionContext): Promise<bigint> =>
    context.branch(async (deadline) => {
      const { xid, ownBranches } = context;
      const branchId = await registrar.register({ xid, branchType: 'TCC', resourceId: 'act' }, deadline);
      ownBranches.add({
        branchType: 'TCC',
        resourceId: 'act',
        branchId,
        outcome: () => Promise.resolve(own),
      });
      return branchId;
    });
  const reconnectTo = async (version: string): Promise<void> => {
    coordinator.version = version;
    coordinator.closeConnections();
    const both = (['RegisterTm', 'RegisterRm'] as const).map(
      (type) => () => coordinator.of(type).length === 2,
    );
    await until(() => both.every((isTwice) => isTwice()) && channels.notReady().length === 0);
  };
  const onEnd = (
    answer: (type: 'Commit' | 'Rollback') => Message | 'SILENCE' | 'CLOSE' | undefined,
  ): void => {
    coordinator.script = ({ type }) => (type === 'Commit' || type === 'Rollback' ? answer(type) : undefined);
  };
  const saying =
    (status: GlobalStatus, ok = true) =>
    (type: 'Commit' | 'Rollback'): Message => ({
      type: `${type}Response`,
      result: { ok, message: '', exceptionCode: 0 },
      globalStatus: GLOBAL_STATUSES.indexOf(status),
    });

  beforeEach(async () => {
    for (const level of ['warn', 'log', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    [phaseTwo, phaseTwoAnswer, own, counted] = [[], 'DONE', 'UNKNOWN', []];
    counters = new SeataCounters();
    jest.spyOn(counters, 'ended').mockImplementation((outcome) => counted.push(outcome));
    const registry = new ResourceRegistry();
    const phase = (name: string) => (): Promise<PhaseTwoAnswer> => {
      phaseTwo.push(name);
      return Promise.resolve(phaseTwoAnswer);
    };
    registry.register({
      branchType: 'TCC',
      resourceId: 'act',
      commit: phase('commit'),
      rollback: phase('rollback'),
    });
    const dispatcher = new BranchDispatcher(registry, new NoFaults(), {
      branchTimeoutMs: 1000,
      branchesMax: 10,
    });
    coordinator = await FakeCoordinator.start();
    channels = await connectedChannels(coordinator, {
      resourceIds: () => registry.resourceIds,
      onRequest: (request) => dispatcher.receive(request),
    });
    registrar = new BranchRegistrar(channels.rm, new NoFaults(), refuseBranchWhenOver, 5000);
    decision = new CommitDecision(registrar, () => channels.tm.serverVersion);
    registry.register(decision);
  });
  afterEach(async () => {
    await channels.stop(1000);
    await coordinator.stop();
    jest.restoreAllMocks();
  });

  it('commits every branch when its work returns, and gives its value', async () => {
    const result = await transactions().run(async (context) => {
      expect(currentGlobalTransaction()).toBe(context);
      await branch(context);
      await branch(context);
      return 7;
    }, named);
    expect(result).toEqual({ status: 'COMMITTED', xid: expect.any(String), value: 7 });
    expect(phaseTwo).toEqual(['commit', 'commit']);
    expect(coordinator.statusOf(result.xid)).toBe('Committed');
    expect(currentGlobalTransaction()).toBeUndefined();
  });

  it('rolls back every branch when its work throws, and gives its error', async () => {
    const cause = new Error('the work failed');
    const result = await transactions().run(async (context) => {
      await branch(context);
      throw cause;
    }, named);
    expect(result).toEqual({ status: 'ROLLED_BACK', xid: expect.any(String), cause });
    expect([phaseTwo, coordinator.statusOf(result.xid)]).toEqual([['rollback'], 'Rollbacked']);
  });

  it('is committed also when a branch answers "retry": the coordinator has decided', async () => {
    phaseTwoAnswer = 'RETRY';
    const result = await transactions().run(branch, named);
    expect([result.status, coordinator.statusOf(result.xid)]).toEqual(['COMMITTED', 'CommitRetrying']);
    onEnd(saying('CommitRetrying', false));
    expect(await transactions().run(branch, named)).toMatchObject({ status: 'COMMITTED' });
  });

  it('does not begin without the coordinator, or without its answer: nothing is done', async () => {
    const work = jest.fn(() => Promise.resolve());
    for (const answer of ['SILENCE', 'CLOSE'] as const) {
      coordinator.script = ({ type }) => (type === 'Begin' ? answer : undefined);
      const begun = transactions().run(work, named);
      await expect(begun).rejects.toThrow(CoordinatorUnavailableError);
      await expect(begun).rejects.toThrow(`127.0.0.1:${coordinator.address.port}`);
    }
    await coordinator.stop();
    await until(() => !channels.tm.isReady);
    await expect(transactions().run(work, named)).rejects.toThrow(CoordinatorUnavailableError);
    expect(work).not.toHaveBeenCalled();
  });

  it('is counted once, by how it ended', async () => {
    await transactions().run(branch, named);
    await transactions().run(() => Promise.reject(new Error('the work failed')), named);
    onEnd(() => 'SILENCE');
    await transactions(new NoFaults(), 300).run(branch, named);
    coordinator.script = ({ type }) => (type === 'Begin' ? 'CLOSE' : undefined);
    await transactions()
      .run(branch, named)
      .catch(() => undefined);
    expect(counted).toEqual(['COMMITTED', 'ROLLED_BACK', 'UNKNOWN', 'NOT_BEGUN']);
  });

  it('does not begin when the coordinator refuses, or gives what is no XID', async () => {
    const answers = [
      { result: { ok: false, message: 'no', exceptionCode: 1 }, xid: '' },
      { result: { ok: true, message: '', exceptionCode: 0 }, xid: 'nonsense' },
    ];
    const refusals = [CoordinatorRefusedError, MalformedFrameError];
    for (const [index, answer] of answers.entries()) {
      coordinator.script = ({ type }) =>
        type === 'Begin' ? { type: 'BeginResponse', extraData: '', ...answer } : undefined;
      await expect(transactions().run(() => Promise.resolve(), named)).rejects.toThrow(refusals[index]);
    }
  });

  it('does not begin inside another one, or with a timeout out of its range', async () => {
    const nested = await transactions().run(() => transactions().run(() => Promise.resolve(), named), named);
    expect(nested).toMatchObject({ status: 'ROLLED_BACK', cause: expect.any(NestedGlobalTransactionError) });
    for (const timeoutMs of [999, 3_600_001, 1500.5, Number.NaN]) {
      await expect(transactions().run(() => Promise.resolve(), { ...named, timeoutMs })).rejects.toThrow(
        InvalidArgumentError,
      );
    }
  });

  it('is rolled back when its work takes too long, for which it has less time than the coordinator was told', async () => {
    const late: unknown[] = [];
    let workMs = Infinity;
    const result = await transactions().run(
      async (context) => {
        workMs = context.deadline.remainingMs();
        await branch(context);
        await until(() => context.deadline.hasPassed());
        await new Promise((resolve) => setImmediate(resolve));
        await branch(context).catch((error: unknown) => late.push(error));
      },
      { ...named, timeoutMs: 5000 },
    );
    expect(result).toMatchObject({
      status: 'ROLLED_BACK',
      cause: expect.any(GlobalTransactionDeadlineError),
    });
    expect(coordinator.of('Begin')).toMatchObject([{ timeoutMs: 5000 }]);
    // The work has a tenth less.
    expect(workMs).toBeLessThanOrEqual(4500);
    await until(() => late.length === 1);
    expect(late).toEqual([expect.any(GlobalTransactionOverError)]);
    expect(coordinator.of('Commit')).toEqual([]);
  });

  it('is rolled back when its work forgot to await a branch, which the error says', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const running = transactions().run(async (context) => {
      await branch(context);
      void context.branch(() => held);
      // After the work has returned, however slow the machine is.
      setTimeout(release, 20);
    }, named);
    const result = await running;
    expect(result).toMatchObject({ status: 'ROLLED_BACK', cause: expect.any(UnawaitedBranchError) });
    expect([phaseTwo, coordinator.of('Commit')]).toEqual([['rollback'], []]);
  });

  it('is rolled back when its work has caught the error of a branch: the others are not committed without it', async () => {
    const refused = new Error('nothing is left to take');
    const result = await transactions().run(async (context) => {
      context.branch(() => Promise.reject(refused)).catch(() => undefined);
      await branch(context);
      return 'paid';
    }, named);
    expect(result).toMatchObject({ status: 'ROLLED_BACK', cause: refused });
    expect([phaseTwo, coordinator.of('Commit')]).toEqual([['rollback'], []]);
  });

  it('waits for branches that run beside the failed one before it rolls back', async () => {
    let isEnded = false;
    await transactions().run(async (context) => {
      const slow = context.branch(async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        isEnded = coordinator.of('Rollback').length === 0;
      });
      await Promise.all([slow, Promise.reject(new Error('the other one failed'))]);
    }, named);
    expect(isEnded).toBe(true);
  });

  describe.each(['SILENCE', 'CLOSE'] as const)('whose answer to the commit is lost (%s)', (lost) => {
    it.each(['COMMITTED', 'ROLLED_BACK'] as const)('is %s when the own branch says so', async (outcome) => {
      onEnd(() => lost);
      const running = transactions().run(branch, named);
      await until(() => coordinator.of('Commit').length > 0);
      own = outcome;
      const cause = outcome === 'ROLLED_BACK' ? { cause: expect.any(GlobalTransactionRolledBackError) } : {};
      expect(await running).toMatchObject({ status: outcome, ...cause });
      expect(coordinator.of('Rollback')).toEqual([]);
    });

    it('is unknown when the own branch cannot say, and never rolled back by the initiator', async () => {
      onEnd(() => lost);
      const result = await transactions(new NoFaults(), 300).run(branch, named);
      expect(result).toMatchObject({ status: 'UNKNOWN', cause: expect.any(Error) });
      expect(coordinator.of('Rollback')).toEqual([]);
    });
  });

  it('is committed by a second question when the first did not arrive', async () => {
    const answers = ['CLOSE' as const, undefined];
    onEnd(() => answers.shift());
    expect(await transactions().run(branch, named)).toMatchObject({ status: 'COMMITTED' });
    expect([coordinator.of('Commit').length, phaseTwo]).toEqual([2, ['commit']]);
  });

  it.each(['Finished', 'TimeoutRollbacking', 'Rollbacked', 'UnKnown'] as const)(
    'whose commit is answered %s is what the own branch says, and else unknown',
    async (status) => {
      onEnd(saying(status));
      expect(await transactions(new NoFaults(), 300).run(branch, named)).toMatchObject({
        status: 'UNKNOWN',
      });
      own = 'ROLLED_BACK';
      expect(await transactions().run(branch, named)).toMatchObject({ status: 'ROLLED_BACK' });
      own = 'COMMITTED';
      expect(await transactions().run(branch, named)).toMatchObject({ status: 'COMMITTED' });
      own = 'UNKNOWN';
      const withoutBranches = await transactions().run(() => Promise.resolve(), named);
      expect(withoutBranches).toMatchObject({ status: 'UNKNOWN' });
    },
  );

  it.each(['CommitFailed', 'RollbackFailed', 'TimeoutRollbackFailed'] as const)(
    'whose end is answered %s is unknown at once, also when the own branch has ended: another one was given up',
    async (status) => {
      onEnd(saying(status));
      for (own of ['ROLLED_BACK', 'COMMITTED'] as const) {
        expect(await transactions().run(branch, named)).toMatchObject({ status: 'UNKNOWN' });
      }
      expect(coordinator.of('Commit')).toHaveLength(2);
    },
  );

  it.each(['Committing', 'Begin'] as const)(
    'whose commit is refused with the status %s has not been answered, and is asked for again',
    async (status) => {
      onEnd(saying(status, false));
      expect(await transactions(new NoFaults(), 300).run(branch, named)).toMatchObject({
        status: 'UNKNOWN',
        cause: expect.any(Error),
      });
      own = 'ROLLED_BACK';
      expect(await transactions().run(branch, named)).toMatchObject({ status: 'ROLLED_BACK' });
      own = 'UNKNOWN';
      const answers = [saying(status, false), undefined];
      onEnd((type) => answers.shift()?.(type));
      expect(await transactions().run(branch, named)).toMatchObject({ status: 'COMMITTED' });
    },
  );

  it('whose commit is refused for one branch, and is tried again, is committed', async () => {
    onEnd(saying('CommitRetrying', false));
    expect(await transactions().run(branch, named)).toMatchObject({ status: 'COMMITTED' });
  });

  it.each(['Rollbacking', 'Begin'] as const)(
    'whose rollback is refused with the status %s has not been answered, and is asked for again',
    async (status) => {
      const answers = [saying(status, false), undefined];
      onEnd((type) => answers.shift()?.(type));
      const failing = async (context: GlobalTransactionContext): Promise<never> => {
        await branch(context);
        throw new Error('the work failed');
      };
      expect(await transactions().run(failing, named)).toMatchObject({ status: 'ROLLED_BACK' });
      expect([coordinator.of('Rollback').length, phaseTwo]).toEqual([2, ['rollback']]);
    },
  );

  it('whose rollback is answered by nobody is unknown, unless the own branch says', async () => {
    onEnd(() => 'SILENCE');
    const cause = new Error('the work failed');
    const failing = async (context: GlobalTransactionContext): Promise<never> => {
      await branch(context);
      throw cause;
    };
    expect(await transactions(new NoFaults(), 300).run(failing, named)).toMatchObject({
      status: 'UNKNOWN',
      cause,
    });
    own = 'ROLLED_BACK';
    expect(await transactions().run(failing, named)).toMatchObject({ status: 'ROLLED_BACK', cause });
  });

  it('is unknown when the coordinator came back with an empty store', async () => {
    const result = await transactions(new NoFaults(), 300).run(async (context) => {
      await branch(context);
      coordinator.forget();
    }, named);
    expect(result.status).toBe('UNKNOWN');
  });

  it.each([
    ['service:seata.tm.begun', 'ROLLED_BACK', 'Rollbacked'],
    ['service:seata.tm.before-commit', 'ROLLED_BACK', 'Rollbacked'],
    ['service:seata.tm.commit-answered', 'COMMITTED', 'Committed'],
  ])('keeps its word with an error at %s', async (point, status, atCoordinator) => {
    class OneFault extends FaultInjector {
      at(reached: string): Promise<void> {
        return reached === point ? Promise.reject(new Error('injected')) : Promise.resolve();
      }
    }
    const running = transactions(new OneFault()).run(branch, named);
    if (status === 'COMMITTED') {
      await until(() => phaseTwo.length > 0);
      own = 'COMMITTED';
    }
    const result = await running;
    expect([result.status, coordinator.statusOf(result.xid)]).toEqual([status, atCoordinator]);
  });

  it.each([
    ['1.8.0', ['commit-decision', 'act']],
    ['', ['commit-decision', 'act']],
    ['2.0.0', ['act']],
  ])('gives a server "%s" the branches %j', async (version, branches) => {
    await reconnectTo(version);
    const committed = await transactions().run(branch, named);
    expect(coordinator.of('BranchRegister').map(({ resourceId }) => resourceId)).toEqual(branches);
    const rolledBack = await transactions().run(async (context) => {
      await branch(context);
      throw new Error('the work failed');
    }, named);
    const ends = [committed, rolledBack].map(({ xid }) => coordinator.statusOf(xid));
    expect(ends).toEqual(['Committed', 'Rollbacked']);
  });

  it.each([
    'SILENCE',
    'CLOSE',
    {
      type: 'BranchRegisterResponse',
      result: { ok: false, message: 'no such global transaction', exceptionCode: 10 },
      branchId: 0n,
    },
  ] as const)('does not begin when a server cannot be made to store its commit (%j)', async (answer) => {
    await reconnectTo('1.8.0');
    coordinator.script = ({ type }) => (type === 'BranchRegister' ? answer : undefined);
    const work = jest.fn(() => Promise.resolve());
    await expect(transactions().run(work, named)).rejects.toThrow(CoordinatorUnavailableError);
    expect(work).not.toHaveBeenCalled();
    expect(counted).toEqual(['NOT_BEGUN']);
  });

  it('whose commit was refused is not committed by "Committing", which may not be stored', async () => {
    const answers = [saying('Committing', false)];
    onEnd((type) => (answers.shift() ?? saying('Committing'))(type));
    expect(await transactions(new NoFaults(), 300).run(branch, named)).toMatchObject({ status: 'UNKNOWN' });
    answers.push(saying('Committing', false), saying('Committing'));
    onEnd((type) => (answers.shift() ?? saying('Committed'))(type));
    expect(await transactions().run(branch, named)).toMatchObject({ status: 'COMMITTED' });
  });

  it('keeps what runs at the same time apart', async () => {
    const seen = await Promise.all(
      Array.from({ length: 20 }, () =>
        transactions().run(async ({ xid }) => {
          await new Promise((resolve) => setImmediate(resolve));
          return currentGlobalTransaction()?.xid === xid;
        }, named),
      ),
    );
    expect(new Set(seen.map(({ xid }) => xid)).size).toBe(20);
    expect(seen).toEqual(seen.map(({ xid }) => ({ status: 'COMMITTED', xid, value: true })));
  });
});
