import type { Disagreement } from '@txmsg/bank/audit';
import { call } from '../../../e2e/kit/http.js';
import type { Sent } from '../calls.js';
import { problemsOf, Sampler } from '../sampler.js';
import { Workload, type Figure, type OneOf, type Violation, type WorkloadContext } from '../workload.js';
import { Branches } from './branches.js';
import type { SentRegistration } from './registration-verdict.js';
import { Registrations } from './registrations.js';
import type { SentTransfer } from './transfer-verdict.js';
import { Transfers } from './transfers.js';

type SentAny = SentTransfer | SentRegistration;

/** bank1 asks bank2, and user asks identity. */
export const SEATA_SERVICES = ['seata-bank2', 'seata-bank1', 'identity', 'user'] as const;

const NAME = 'seata';
/** With a column xid. */
const TABLES = [
  'seata_bank1.transfer',
  'seata_bank2.credit',
  'tx_user.registration',
  'tx_identity.account',
] as const;
/** The audit's sentences name the transfer, where there is one. */
const TRANSFER = new RegExp(`Transfer (${NAME}-\\d+-\\d+) `);
const AUDIT_DEADLINE_MS = 60_000;

/** What two services make or neither does, under AT and TCC: transfers and registrations, at a coordinator that is disturbed, too. */
export class SeataWorkload extends Workload<SentAny> {
  private readonly transfers: Transfers;
  private readonly registrations: Registrations;
  private readonly branches: Branches;
  private readonly sampler: Sampler;

  constructor(context: WorkloadContext) {
    const tables = [...TABLES, 'tx_user.user_info'];
    const names = { name: NAME, what: 'transfers and registrations', tables, callers: 8 };
    super({ ...names, services: SEATA_SERVICES }, context);
    const oneOf: OneOf = (service) => this.oneOf(service);
    const { databases, random } = this;
    this.transfers = new Transfers(databases, random, oneOf);
    this.registrations = new Registrations(databases, random, oneOf, NAME);
    this.branches = new Branches(databases, SEATA_SERVICES, TABLES);
    this.sampler = new Sampler(() => this.audit(), 'a bank or MySQL was');
  }

  prepare(): Promise<void> {
    return this.transfers.prepare();
  }

  override start(): void {
    super.start();
    this.sampler.start();
  }

  /** With what the coordinator has left in all four databases. */
  override async rowsAbout(txNo: string): Promise<string[]> {
    return [...(await super.rowsAbout(txNo)), ...(await this.branches.rowsAbout(txNo))];
  }

  protected next(sent: Sent): SentAny {
    return this.random.chance(0.3) ? this.registrations.next(sent) : this.transfers.next(sent);
  }

  /** Now and then the same is asked for twice at once, of whichever instances. */
  protected call(one: SentAny): Promise<number> | undefined {
    const first = this.callOnce(one);
    const isDoubled = first !== undefined && !one.isAskedAtRest && this.random.chance(0.05);
    const second = isDoubled ? this.callOnce(one) : undefined;
    return first === undefined || second === undefined ? first : bothOf(one, first, second);
  }

  protected async open(): Promise<number> {
    const open = await this.branches.open();
    return open.length + (await this.transfers.open()) + (await this.registrations.open());
  }

  protected async judgeRows(): Promise<Violation[]> {
    const { sent } = this.callers;
    return [
      ...(await this.transfers.judge(sent.filter((one) => one.kind === 'TRANSFER'))),
      ...(await this.registrations.judge(sent.filter((one) => one.kind === 'REGISTRATION'))),
      ...(await this.branches.open()).map((what) => ({ what })),
      ...(await this.sampler.judge(this.context.minutes, TRANSFER)),
    ];
  }

  protected async ends(): Promise<Figure[]> {
    return [
      ...(await this.transfers.ends()),
      ...(await this.registrations.ends()),
      ...this.sampler.figures(),
    ];
  }

  private callOnce(one: SentAny): Promise<number> | undefined {
    return one.kind === 'TRANSFER' ? this.transfers.call(one) : this.registrations.call(one);
  }

  /** The banks' own, while transfers go on: it must raise no alarm. */
  private async audit(): Promise<string[]> {
    const url = this.oneOf('seata-bank1');
    if (url === undefined) throw new Error('seata-bank1 does not run');
    const headers = { authorization: `Bearer ${this.context.secrets.adminToken}` };
    const { status, text, body } = await call(`${url}/admin/audit`, { headers }, AUDIT_DEADLINE_MS);
    if (status !== 200) throw new Error(`the audit was answered ${status}: ${text}`);
    return problemsOf(
      body as unknown as { readonly disagreements: { readonly listed: readonly Disagreement[] } },
    );
  }
}

/** The answer of the first call, with that of the second noted beside it. */
async function bothOf(one: SentAny, first: Promise<number>, second: Promise<number>): Promise<number> {
  const [answer, other] = await Promise.allSettled([first, second]);
  one.statuses.push(other.status === 'fulfilled' ? other.value : undefined);
  if (answer.status === 'fulfilled') return answer.value;
  throw answer.reason;
}
