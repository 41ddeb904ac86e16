import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import { connectedChannels } from '../../test/connected-channels.js';
import { FakeCoordinator } from '../../test/fake-coordinator.js';
import type { CoordinatorChannels } from '../channel/index.js';
import {
  CoordinatorRefusedError,
  CoordinatorTimeoutError,
  CoordinatorUnavailableError,
  GlobalLockConflictError,
  GlobalTransactionOverError,
} from '../errors/index.js';
import { withinGlobalTransaction } from '../tm/global-transaction.context.js';
import { OpenGlobalTransaction, refuseBranchWhenOver } from '../tm/open-global-transaction.js';
import { BranchRegistrar, type BranchRegistration } from './branch.registrar.js';

const soon = (): Deadline => Deadline.in(5000);

describe('registering a branch', () => {
  let coordinator: FakeCoordinator;
  let channels: CoordinatorChannels;
  let registrar: BranchRegistrar;
  let xid: string;

  const begin = async (): Promise<string> => {
    const { xid } = await channels.tm.call({ type: 'Begin', timeoutMs: 60_000, name: 'n' }, soon());
    return xid;
  };
  const branch = (of = xid): BranchRegistration => ({
    ...{ xid: of, branchType: 'AT', resourceId: 'db', lockKey: 't:1,2' },
  });
  const refused = (exceptionCode: number): void => {
    coordinator.script = ({ type }) =>
      type === 'BranchRegister'
        ? {
            type: 'BranchRegisterResponse',
            result: { ok: false, message: 'no', exceptionCode },
            branchId: 0n,
          }
        : undefined;
  };

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    coordinator = await FakeCoordinator.start();
    channels = await connectedChannels(coordinator, {
      resourceIds: () => ['db'],
      onRequest: () => undefined,
    });
    registrar = new BranchRegistrar(channels.rm, new NoFaults(), refuseBranchWhenOver, 5000);
    xid = await begin();
  });
  afterEach(async () => {
    await channels.stop(1000);
    await coordinator.stop();
    jest.restoreAllMocks();
  });

  it('gives its id, which exceeds what a number holds', async () => {
    expect(await registrar.register(branch(), soon())).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect(coordinator.of('BranchRegister')).toEqual([
      { type: 'BranchRegister', ...branch(), branchType: 0, applicationData: '' },
    ]);
  });

  it('is refused while another global transaction holds a lock, which can be asked before', async () => {
    await registrar.register(branch(), soon());
    const other = await begin();
    await expect(registrar.register(branch(other), soon())).rejects.toThrow(GlobalLockConflictError);
    const query = { resourceId: 'db', lockKey: 't:2' };
    expect(await registrar.lockQuery({ ...query, xid: other }, soon())).toBe(false);
    expect(await registrar.lockQuery({ ...query, xid }, soon())).toBe(true);
    expect(await registrar.lockQuery({ ...query, xid: other, lockKey: 't:3' }, soon())).toBe(true);
  });

  it.each([
    [2, GlobalLockConflictError],
    [20, GlobalLockConflictError],
    [10, GlobalTransactionOverError],
    [11, GlobalTransactionOverError],
    [12, GlobalTransactionOverError],
    [0, CoordinatorRefusedError],
    [18, CoordinatorRefusedError],
  ])('with the exception code %d is refused by its error', async (code, error) => {
    refused(code);
    await expect(registrar.register(branch(), soon())).rejects.toThrow(error);
  });

  it('is unknown without an answer, and not done without a connection', async () => {
    coordinator.script = ({ type }) => (type === 'BranchRegister' ? 'SILENCE' : undefined);
    await expect(registrar.register(branch(), Deadline.in(30))).rejects.toThrow(CoordinatorTimeoutError);
    await channels.stop(1000);
    await expect(registrar.register(branch(), soon())).rejects.toThrow(CoordinatorUnavailableError);
  });

  it('waits for each call no longer than a call may take, whatever the deadline of the work', async () => {
    const impatient = new BranchRegistrar(channels.rm, new NoFaults(), refuseBranchWhenOver, 30);
    coordinator.script = ({ type }) =>
      type.startsWith('Branch') || type === 'LockQuery' ? 'SILENCE' : undefined;
    const deadline = Deadline.in(60_000);
    const query = { resourceId: 'db', lockKey: 't:2', xid };
    await expect(impatient.register(branch(), deadline)).rejects.toThrow(CoordinatorTimeoutError);
    await expect(impatient.lockQuery(query, deadline)).rejects.toThrow(CoordinatorTimeoutError);
    expect(coordinator.of('BranchRegister')).toHaveLength(1);
  });

  it('is refused here, without the coordinator, for code that outlived its global transaction', async () => {
    const transaction = new OpenGlobalTransaction(xid, 'INITIATOR', soon());
    const late = withinGlobalTransaction(transaction, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return registrar.register(branch(), soon());
    });
    transaction.end();
    await expect(late).rejects.toThrow(GlobalTransactionOverError);
    const expired = new OpenGlobalTransaction(xid, 'INITIATOR', Deadline.in(0));
    const tooLate = withinGlobalTransaction(expired, () => registrar.register(branch(), soon()));
    await expect(tooLate).rejects.toThrow(GlobalTransactionOverError);
    expect(coordinator.of('BranchRegister')).toEqual([]);
  });
});
