import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import { parseBrokerAddress, type BrokerAddress } from 'txmsg/building-blocks';
import { sharedCoordinator } from '../test/coordinator.js';
import { until } from '../test/until.js';
import { CoordinatorChannels } from './channel/index.js';
import { GlobalLockConflictError, GlobalTransactionOverError } from './errors/index.js';
import type { Branch, BranchType, PhaseTwoAnswer } from './rm/branch.js';
import { BranchDispatcher } from './rm/branch.dispatcher.js';
import { BranchRegistrar } from './rm/branch.registrar.js';
import { ResourceRegistry } from './rm/resource.registry.js';
import { CommitDecision } from './tm/commit-decision.js';
import { CoordinatorClient } from './tm/coordinator.client.js';
import type { GlobalTransactionContext } from './tm/global-transaction.context.js';
import { GlobalTransactionEnding } from './tm/global-transaction.ending.js';
import { GlobalTransactions } from './tm/global-transactions.js';
import { refuseBranchWhenOver } from './tm/open-global-transaction.js';

const soon = (): Deadline => Deadline.in(10_000);
/** Of this run alone, so that what an earlier one left is asked of nobody here. */
const run = `${process.pid}-${Date.now()}`;

/** One service: both connections, a TCC action and a database. */
class Service {
  readonly tcc = `act-${run}-${this.name}`;
  readonly at = `jdbc:mysql://db:3306/${run}-${this.name}`;
  readonly asked: string[] = [];
  readonly registry = new ResourceRegistry();
  readonly registrar: BranchRegistrar;
  readonly transactions: GlobalTransactions;
  /** The same, but soon asks again when its commit or rollback is not answered. */
  readonly impatientTransactions: GlobalTransactions;
  readonly client: CoordinatorClient;
  readonly channels: CoordinatorChannels;
  answer: () => PhaseTwoAnswer | Promise<PhaseTwoAnswer> = () => 'DONE';

  constructor(
    readonly name: string,
    private readonly server: BrokerAddress,
  ) {
    const settings = {
      ...{ applicationId: `app-${name}`, txServiceGroup: 'default_tx_group', callsMax: 1000 },
      ...{ callTimeoutMs: 10_000, reconnectMinMs: 50, reconnectMaxMs: 500, globalTimeoutMs: 60_000 },
      ...{ endTimeoutMs: 20_000, branchTimeoutMs: 14_000, branchesMax: 500, server: this.server },
    };
    const faults = new NoFaults();
    const dispatcher = new BranchDispatcher(this.registry, faults, settings);
    this.channels = new CoordinatorChannels(settings, {
      resourceIds: () => this.registry.resourceIds,
      onRequest: (request) => dispatcher.receive(request),
    });
    this.registry.onRegistered(() => {
      this.channels.rm.registerAgain();
    });
    this.registrar = new BranchRegistrar(this.channels.rm, faults, refuseBranchWhenOver, 5000);
    this.client = new CoordinatorClient(this.channels.tm);
    const decision = new CommitDecision(this.registrar, () => this.channels.tm.serverVersion);
    this.registry.register(decision);
    const endingWithin = (callTimeoutMs: number): GlobalTransactions => {
      const ending = new GlobalTransactionEnding(this.client, faults, { ...settings, callTimeoutMs });
      return new GlobalTransactions(this.client, ending, decision, faults, settings);
    };
    this.transactions = endingWithin(settings.callTimeoutMs);
    this.impatientTransactions = endingWithin(2000);
    this.serve('TCC', this.tcc);
    this.serve('AT', this.at);
  }

  serve(branchType: BranchType, resourceId: string): void {
    const phase =
      (name: string) =>
      async (branch: Branch): Promise<PhaseTwoAnswer> => {
        this.asked.push(`${name} ${branch.branchId}`);
        return this.answer();
      };
    this.registry.register({ branchType, resourceId, commit: phase('commit'), rollback: phase('rollback') });
  }

  branch(context: GlobalTransactionContext, resourceId = this.tcc): Promise<bigint> {
    const { xid } = context;
    const registration = { xid, branchType: 'TCC', resourceId, applicationData: '{"ключ":"值"}' } as const;
    return context.branch((deadline) => this.registrar.register(registration, deadline));
  }
}

describe('with a real coordinator', () => {
  let server: BrokerAddress;
  let one: Service;
  let other: Service;

  beforeAll(async () => {
    const address = parseBrokerAddress(await sharedCoordinator());
    if (address === undefined) throw new Error('the tests have no coordinator');
    server = address;
  });

  beforeEach(async () => {
    for (const level of ['log', 'warn'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    [one, other] = [new Service('one', server), new Service('other', server)];
    for (const { channels } of [one, other]) {
      channels.start();
      await channels.ready(soon());
      expect(channels.notReady()).toEqual([]);
    }
  });
  afterEach(async () => {
    await Promise.all([one, other].map(({ channels }) => channels.stop(1000)));
    jest.restoreAllMocks();
  });

  it('a global transaction commits the branches of both services, in the order of their registration', async () => {
    const branches: bigint[] = [];
    const result = await one.transactions.run(
      async (context) => {
        branches.push(await one.branch(context), await other.branch(context));
      },
      { name: 'both' },
    );
    expect(result.status).toBe('COMMITTED');
    expect([one.asked, other.asked]).toEqual(branches.map((id) => [`commit ${id}`]));
    expect(await one.client.status(result.xid, soon())).toBe('Finished');
  });

  it('a failed work rolls back the branches of both services, each once', async () => {
    const branches: bigint[] = [];
    const result = await one.transactions.run(
      async (context) => {
        branches.push(await one.branch(context), await other.branch(context));
        throw new RangeError('the work failed');
      },
      { name: 'fails' },
    );
    expect(result).toMatchObject({ status: 'ROLLED_BACK', cause: new RangeError('the work failed') });
    expect([one.asked, other.asked]).toEqual(branches.map((id) => [`rollback ${id}`]));
  });

  it('a branch that answers "retry" is asked again until it is done', async () => {
    const answers: PhaseTwoAnswer[] = ['RETRY', 'RETRY'];
    one.answer = () => answers.shift() ?? 'DONE';
    const result = await one.transactions.run((context) => one.branch(context), { name: 'retry' });
    expect(result.status).toBe('COMMITTED');
    await until(() => one.asked.length === 3, 30_000);
    expect(new Set(one.asked).size).toBe(1);
  });

  it('a silent branch keeps nobody waiting for what the coordinator has decided', async () => {
    const questions = jest.spyOn(one.client, 'end');
    let release: (answer: PhaseTwoAnswer) => void = () => undefined;
    const held = new Promise<PhaseTwoAnswer>((resolve) => (release = resolve));
    other.answer = () => held;
    const ended = await Promise.all(
      [false, true].map((fails) =>
        one.impatientTransactions.run(
          async (context) => {
            await other.branch(context);
            if (fails) throw new RangeError('the work failed');
          },
          { name: 'silent' },
        ),
      ),
    );
    expect(ended.map(({ status }) => status)).toEqual(['COMMITTED', 'ROLLED_BACK']);
    // The first question of each is answered when the branch is; asked again, the coordinator says what it has decided.
    expect(questions.mock.calls.length).toBeGreaterThanOrEqual(4);
    release('DONE');
  });

  it('a row that another global transaction holds is refused, and free after its end', async () => {
    const [first, second] = [
      await one.client.begin('a', 60_000, soon()),
      await other.client.begin('b', 60_000, soon()),
    ];
    const rows = (xid: string, lockKey: string) => ({ xid, resourceId: one.at, lockKey });
    const register = (xid: string, lockKey: string): Promise<bigint> =>
      one.registrar.register({ ...rows(xid, lockKey), branchType: 'AT' }, soon());
    await register(first, 't:1,2;u:a_b');
    await register(first, 't:2');
    await expect(register(second, 't:2')).rejects.toThrow(GlobalLockConflictError);
    expect(await other.registrar.lockQuery(rows(second, 'u:a_b'), soon())).toBe(false);
    expect(await other.registrar.lockQuery(rows(first, 'u:a_b'), soon())).toBe(true);
    expect(await other.registrar.lockQuery(rows(second, 't:3'), soon())).toBe(true);
    expect(await one.client.end('Rollback', first, soon())).toBe('Rollbacked');
    expect(one.asked).toHaveLength(2);
    await register(second, 't:2');
    expect(await other.client.end('Commit', second, soon())).toMatch(/^(Async)?Committ/);
    await until(() => one.asked.length === 3, 30_000);
  });

  it('a branch of a global transaction that is over, or that there never was, is refused', async () => {
    const { xid } = await one.transactions.run((context) => one.branch(context), { name: 'over' });
    for (const gone of [xid, xid.replace(/\d+$/, '1')]) {
      const late = one.registrar.register({ xid: gone, branchType: 'TCC', resourceId: one.tcc }, soon());
      await expect(late).rejects.toThrow(GlobalTransactionOverError);
    }
  });

  it('a work that takes too long is rolled back before the coordinator does it', async () => {
    const result = await one.transactions.run(
      async (context) => {
        await one.branch(context);
        await until(() => context.deadline.hasPassed());
      },
      { name: 'slow', timeoutMs: 5000 },
    );
    expect(result.status).toBe('ROLLED_BACK');
    await until(() => one.asked.length > 0);
    expect(one.asked).toHaveLength(1);
  });

  it('a resource that is registered after the start is served', async () => {
    const late = `late-${run}`;
    one.serve('TCC', late);
    const result = await one.transactions.run((context) => one.branch(context, late), { name: 'late' });
    expect([result.status, one.asked.length]).toEqual(['COMMITTED', 1]);
  });

  it('the connections outlive twenty seconds without a call by their pings', async () => {
    const lost = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const silentUntil = performance.now() + 20_000;
    await until(() => performance.now() > silentUntil, 30_000);
    expect(lost).not.toHaveBeenCalled();
    expect((await one.transactions.run(() => Promise.resolve(), { name: 'still' })).status).toBe('COMMITTED');
  }, 60_000);
});
