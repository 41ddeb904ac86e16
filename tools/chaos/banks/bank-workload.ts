import { auditOneServer } from '@txmsg/bank/audit';
import { transfer } from '../../../e2e/kit/http.js';
import type { Sent } from '../calls.js';
import { problemsOf, Sampler } from '../sampler.js';
import { Workload, type Figure, type Violation, type WorkloadContext } from '../workload.js';
import { openAccounts } from './accounts.js';
import { Ledger } from './ledger.js';
import { orderOf } from './orders.js';
import { judgeTransfers, type SentTransfer } from './verdict.js';

const CALL_DEADLINE_MS = 15_000;
/** A frozen MySQL answers nothing for up to half a minute. */
const AUDIT_DEADLINE_MS = 60_000;
const NAME = 'chaos';
/** The audit's sentences name the transfer, where there is one. */
const TRANSFER = new RegExp(`Transfer (${NAME}-\\d+-\\d+) `);
/** bank1 asks bank2. */
export const BANK_SERVICES = ['bank2', 'bank1'] as const;

/** Transfers among many accounts, of which some are refused, with an audit of both banks again and again meanwhile. */
export class BankWorkload extends Workload<SentTransfer> {
  private readonly ledger = new Ledger(this.databases);
  private readonly sampler: Sampler;

  constructor(context: WorkloadContext) {
    const tables = ['bank1.outgoing_transfer', 'bank2.incoming_transfer'];
    super({ name: NAME, what: 'transfers', services: BANK_SERVICES, tables, callers: 12 }, context);
    const options = { queryTimeoutMs: AUDIT_DEADLINE_MS };
    // Both banks at one moment.
    const audit = async (): Promise<string[]> =>
      problemsOf(await auditOneServer(context.mysqlRootUrl, undefined, options));
    this.sampler = new Sampler(audit, 'MySQL was');
  }

  prepare(): Promise<void> {
    return openAccounts(this.databases, 'bank1', 'bank2');
  }

  override start(): void {
    super.start();
    this.sampler.start();
  }

  protected next(sent: Sent): SentTransfer {
    return { ...sent, order: orderOf(sent.txNo, this.random) };
  }

  protected call({ order }: SentTransfer): Promise<number> | undefined {
    const url = this.oneOf('bank1');
    return url === undefined
      ? undefined
      : transfer({ url }, order, CALL_DEADLINE_MS).then(({ status }) => status);
  }

  protected open(): Promise<number> {
    return this.ledger.underWay();
  }

  protected async judgeRows(): Promise<Violation[]> {
    return [
      ...judgeTransfers(this.callers.sent, await this.ledger.outgoing(), await this.ledger.incoming()),
      ...(await this.sampler.judge(this.context.minutes, TRANSFER)),
      ...(await this.ledger.overdrawn()).map((what) => ({ what })),
    ];
  }

  protected async ends(): Promise<Figure[]> {
    const outgoing = await this.ledger.outgoing();
    const inState = (wanted: string): number => outgoing.filter(({ state }) => state === wanted).length;
    const longestMs = Math.max(0, ...outgoing.map(({ tookMs }) => tookMs));
    return [
      ['  of these completed', inState('COMPLETED')],
      ['  of these refunded', inState('REFUNDED')],
      ['  of these sent again', outgoing.filter(({ republished }) => republished > 0).length],
      ['  longest time to end', `${(longestMs / 1000).toFixed(1)} s`],
      ...this.sampler.figures(),
    ];
  }
}
