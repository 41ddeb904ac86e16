import { transfer, type TransferOrder } from '../../../e2e/kit/http.js';
import type { Sent } from '../calls.js';
import type { Random } from '../random.js';
import { Workload, type Figure, type Violation, type WorkloadContext } from '../workload.js';
import { FROZEN_PAYEES, openAccounts, PAYEES, PAYERS, POOR_PAYERS, UNKNOWN_PAYEES } from './accounts.js';
import { Ledger } from './ledger.js';
import { problemsOf, Sampler } from './sampler.js';
import { judgeTransfers } from './verdict.js';

export interface SentTransfer extends Sent {
  readonly order: Required<TransferOrder>;
}

const CALL_DEADLINE_MS = 15_000;
const NAME = 'chaos';
/** bank1 asks bank2. */
export const BANK_SERVICES = ['bank2', 'bank1'] as const;

/** Transfers among many accounts, of which some are refused, with an audit of both banks again and again meanwhile. */
export class BankWorkload extends Workload<SentTransfer> {
  private readonly ledger = new Ledger(this.databases);
  private readonly sampler: Sampler;

  constructor(context: WorkloadContext) {
    const tables = ['bank1.outgoing_transfer', 'bank2.incoming_transfer'];
    super({ name: NAME, what: 'transfers', services: BANK_SERVICES, tables, callers: 12 }, context);
    this.sampler = new Sampler(context.mysqlRootUrl);
  }

  prepare(): Promise<void> {
    return openAccounts(this.databases);
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
    await this.sampler.stop();
    const audited = problemsOf(await this.sampler.audit());
    const isWatched = this.sampler.taken >= this.context.minutes;
    return [
      ...judgeTransfers(this.callers.sent, await this.ledger.outgoing(), await this.ledger.incoming()),
      ...[...new Set([...this.sampler.violations, ...audited])].map(aboutTransfer),
      ...(await this.ledger.overdrawn()).map((what) => ({ what })),
      ...(isWatched ? [] : [{ what: `only ${this.sampler.taken} audits could be made` }]),
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
      ['  audits during the run', this.sampler.taken],
      ['  skipped: MySQL was away', this.sampler.skipped],
    ];
  }
}

function orderOf(txNo: string, random: Random): Required<TransferOrder> {
  const payees = random.weighted([
    { weight: 90, of: PAYEES },
    { weight: 5, of: FROZEN_PAYEES },
    { weight: 5, of: UNKNOWN_PAYEES },
  ]);
  const accountNo = random.oneOf(random.chance(0.05) ? POOR_PAYERS : PAYERS);
  const amount = `${random.whole(0, 19)}.${String(random.whole(1, 99)).padStart(2, '0')}`;
  return { txNo, accountNo, toAccountNo: random.oneOf(payees.of), amount };
}

/** The audit's sentences name the transfer, where there is one. */
function aboutTransfer(what: string): Violation {
  const txNo = new RegExp(`Transfer (${NAME}-\\d+-\\d+) `).exec(what)?.[1];
  return txNo === undefined ? { what } : { what, txNo };
}
