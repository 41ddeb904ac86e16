import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { NoFaults } from 'txmsg/faults';
import { MalformedFrameError } from '../errors/index.js';
import { BRANCH_STATUS, type MessageOf } from '../wire/index.js';
import type { Branch, BranchResource, PhaseTwoAnswer } from './branch.js';
import { SeataCounters } from '../telemetry/seata.counters.js';
import { BranchDispatcher } from './branch.dispatcher.js';
import { ResourceRegistry } from './resource.registry.js';

const branch = { xid: 'h:1:1', branchId: 2n ** 60n, branchType: 1, resourceId: 'act', applicationData: '{}' };
const commit = { type: 'BranchCommit', ...branch } as const;
const rollback = { type: 'BranchRollback', ...branch } as const;

describe('what the coordinator asks of a branch', () => {
  let registry: ResourceRegistry;
  let dispatcher: BranchDispatcher;
  let counters: SeataCounters;
  let answered: jest.SpiedFunction<SeataCounters['answered']>;
  let log: { warn: ReturnType<typeof jest.spyOn>; error: ReturnType<typeof jest.spyOn> };

  const serve = (answer: () => Promise<PhaseTwoAnswer>): Branch[] => {
    const asked: Branch[] = [];
    const phase = (each: Branch): Promise<PhaseTwoAnswer> => {
      asked.push(each);
      return answer();
    };
    registry.register({ branchType: 'TCC', resourceId: 'act', commit: phase, rollback: phase });
    return asked;
  };
  const statusOf = async (request: MessageOf<'BranchCommit' | 'BranchRollback'>): Promise<number> => {
    const answer = await dispatcher.receive(request);
    expect(answer).toMatchObject({
      type: `${request.type}Response`,
      xid: branch.xid,
      branchId: branch.branchId,
    });
    return (answer as MessageOf<'BranchCommitResponse'>).branchStatus;
  };

  beforeEach(() => {
    const spy = (level: 'warn' | 'error') =>
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    log = { warn: spy('warn'), error: spy('error') };
    registry = new ResourceRegistry();
    counters = new SeataCounters();
    answered = jest.spyOn(counters, 'answered');
    const limits = { branchTimeoutMs: 50, branchesMax: 2 };
    dispatcher = new BranchDispatcher(registry, new NoFaults(), limits, counters);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each<[PhaseTwoAnswer, number, number]>([
    ['DONE', BRANCH_STATUS.COMMITTED, BRANCH_STATUS.ROLLED_BACK],
    ['RETRY', BRANCH_STATUS.COMMIT_RETRY, BRANCH_STATUS.ROLLBACK_RETRY],
    ['NEVER', BRANCH_STATUS.COMMIT_FAILED, BRANCH_STATUS.ROLLBACK_FAILED],
  ])('is answered as its resource says: %s', async (answer, committed, rolledBack) => {
    const asked = serve(() => Promise.resolve(answer));
    expect([await statusOf(commit), await statusOf(rollback)]).toEqual([committed, rolledBack]);
    expect(asked).toEqual([1, 2].map(() => ({ ...branch, branchType: 'TCC' })));
    expect(log.error).toHaveBeenCalledTimes(answer === 'NEVER' ? 2 : 0);
    expect(answered.mock.calls).toEqual([
      ['commit', answer],
      ['rollback', answer],
    ]);
  });

  it('is answered "retry" for a resource that is not served here, also one of another mode', async () => {
    serve(() => Promise.resolve('DONE'));
    for (const request of [
      { resourceId: 'other' },
      { branchType: 0 },
      { branchType: 3 },
      { branchType: 99 },
    ]) {
      expect(await statusOf({ ...commit, ...request })).toBe(BRANCH_STATUS.COMMIT_RETRY);
      expect(await statusOf({ ...rollback, ...request })).toBe(BRANCH_STATUS.ROLLBACK_RETRY);
    }
  });

  it('is answered "retry" when the resource throws, and logged once however often it is asked', async () => {
    serve(() => Promise.reject(new Error('the database is away')));
    for (let times = 0; times < 3; times += 1) {
      expect(await statusOf(rollback)).toBe(BRANCH_STATUS.ROLLBACK_RETRY);
      expect(answered).toHaveBeenLastCalledWith('rollback', 'RETRY');
    }
    expect(log.warn).toHaveBeenCalledTimes(1);
  });

  it('is answered "retry" when the resource takes too long', async () => {
    serve(() => new Promise(() => undefined));
    expect(await statusOf(commit)).toBe(BRANCH_STATUS.COMMIT_RETRY);
  });

  it('is answered "retry" at once beyond the number of branches under way, and after the stop', async () => {
    let finish: (answer: PhaseTwoAnswer) => void = () => undefined;
    const work = new Promise<PhaseTwoAnswer>((resolve) => (finish = resolve));
    const asked = serve(() => work);
    const underWay = [statusOf(commit), statusOf(commit)];
    expect(await statusOf(commit)).toBe(BRANCH_STATUS.COMMIT_RETRY);
    const stopped = dispatcher.stop(5000);
    finish('DONE');
    await stopped;
    expect(await Promise.all(underWay)).toEqual([BRANCH_STATUS.COMMITTED, BRANCH_STATUS.COMMITTED]);
    expect(await statusOf(commit)).toBe(BRANCH_STATUS.COMMIT_RETRY);
    expect(asked).toHaveLength(2);
  });

  it('may be a purge, whose trouble is logged and answered by nobody', async () => {
    const days: number[] = [];
    const purge = (each: number): Promise<void> => {
      days.push(each);
      return Promise.reject(new Error('no'));
    };
    const phase = (): Promise<PhaseTwoAnswer> => Promise.resolve('DONE');
    const resource: BranchResource = {
      branchType: 'AT',
      resourceId: 'db',
      commit: phase,
      rollback: phase,
      purge,
    };
    registry.register(resource);
    const request = { type: 'UndoLogDelete', branchType: 0, resourceId: 'db', days: 7 } as const;
    for (const each of [request, { ...request, days: -1 }, { ...request, resourceId: 'other' }]) {
      expect(dispatcher.receive(each)).toBeUndefined();
    }
    await dispatcher.idle(1000);
    expect(days).toEqual([7]);
    expect(log.warn).toHaveBeenCalledTimes(1);
  });

  it('is nothing else', () => {
    expect(() => dispatcher.receive({ type: 'Begin', timeoutMs: 1, name: '' })).toThrow(MalformedFrameError);
  });
});

describe('the registry', () => {
  it('refuses an id that is empty, has a comma, or is there already', () => {
    const phase = (): Promise<PhaseTwoAnswer> => Promise.resolve('DONE');
    const resource = (resourceId: string, branchType: 'AT' | 'TCC' = 'AT'): BranchResource => ({
      ...{ branchType, resourceId, commit: phase, rollback: phase },
    });
    const registry = new ResourceRegistry();
    registry.register(resource('a'));
    registry.register(resource('a', 'TCC'));
    expect(registry.resourceIds).toEqual(['a']);
    for (const id of ['', 'a,b', 'a']) {
      expect(() => {
        registry.register(resource(id));
      }).toThrow(/resourceId/);
    }
  });
});
