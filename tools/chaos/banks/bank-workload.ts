import { BANKS } from '@txmsg/contracts';
import { transfer, type TransferOrder } from '../../../e2e/kit/http.js';
import { Callers, type Sent } from '../calls.js';
import { Databases } from '../databases.js';
import { Random } from '../random.js';
import type { Figure, Violation, Workload, WorkloadContext } from '../workload.js';
import { FROZEN_PAYEES, openAccounts, PAYEES, PAYERS, POOR_PAYERS, UNKNOWN_PAYEES } from './accounts.js';
import { Ledger } from './ledger.js';
import { problemsOf, Sampler } from './sampler.js';
import { judgeTransfers } from './verdict.js';

export interface SentTransfer extends Sent {
  readonly order: Required<TransferOrder>;
}

const CALLERS = 12;
const CALL_DEADLINE_MS = 15_000;
const NAME = 'chaos';

/** Transfers among many accounts, of which some are refused, with an audit of both banks again and again meanwhile. */
export class BankWorkload implements Workload {
  // bank1 asks bank2.
  readonly services = BANKS.toReversed();
  private readonly databases: Databases;
  private readonly ledger: Ledger;
  private readonly sampler: Sampler;
  private readonly callers: Callers<SentTransfer>;

  constructor(private readonly context: WorkloadContext) {
    this.databases = new Databases(context.mysqlRootUrl, this.services);
    this.ledger = new Ledger(this.databases);
    this.sampler = new Sampler(context.mysqlRootUrl);
    // Random numbers of its own: how many calls there are depends on the machine, and must not change the faults.
    const random = new Random(context.seed + 1);
    this.callers = new Callers<SentTransfer>(
      {
        name: NAME,
        callers: CALLERS,
        next: (sent) => ({ ...sent, order: orderOf(sent.txNo, random) }),
        call: ({ order }) => this.call(order, random),
      },
      random,
    );
  }

  prepare(): Promise<void> {
    return openAccounts(this.databases);
  }

  start(): void {
    this.callers.start();
    this.sampler.start();
  }

  async stop(): Promise<void> {
    await this.callers.stop();
  }

  resolve(deadlineMs: number): Promise<void> {
    return this.callers.resolve(deadlineMs);
  }

  async underWay(): Promise<number> {
    return (await this.ledger.underWay()) + (await this.databases.unpublished());
  }

  async judge(): Promise<Violation[]> {
    await this.sampler.stop();
    const audited = problemsOf(await this.sampler.audit());
    const isWatched = this.sampler.taken >= this.context.minutes;
    return [
      ...judgeTransfers(this.callers.sent, await this.ledger.outgoing(), await this.ledger.incoming()),
      ...[...new Set([...this.sampler.violations, ...audited])].map(aboutTransfer),
      ...[...(await this.ledger.overdrawn()), ...(await this.databases.deadLetters())].map((what) => ({
        what,
      })),
      ...(isWatched ? [] : [{ what: `only ${this.sampler.taken} audits could be made` }]),
    ];
  }

  async figures(): Promise<Figure[]> {
    const outgoing = await this.ledger.outgoing();
    const inState = (wanted: string): number => outgoing.filter(({ state }) => state === wanted).length;
    const counts = this.callers.counts();
    const longestMs = Math.max(0, ...outgoing.map(({ tookMs }) => tookMs));
    return [
      ['transfers: accepted (DEBITED)', counts.ACCEPTED],
      ['  of these completed', inState('COMPLETED')],
      ['  of these refunded', inState('REFUNDED')],
      ['transfers: refused (4xx)', counts.REFUSED],
      ['transfers: given up after 503', counts.NOTHING_DONE],
      ['transfers: still unknown', counts.UNKNOWN],
      ['  audits during the run', this.sampler.taken],
      ['  skipped: MySQL was away', this.sampler.skipped],
      ['  transfers sent again', outgoing.filter(({ republished }) => republished > 0).length],
      ['  longest time to end', `${(longestMs / 1000).toFixed(1)} s`],
    ];
  }

  find(txNo: string): Sent | undefined {
    return this.callers.sent.find((sent) => sent.txNo === txNo);
  }

  rowsAbout(txNo: string): Promise<string[]> {
    return this.databases.rowsAbout(txNo, ['bank1.outgoing_transfer', 'bank2.incoming_transfer']);
  }

  close(): Promise<void> {
    return this.databases.close();
  }

  private call(order: Required<TransferOrder>, random: Random): Promise<number> | undefined {
    const urls = this.context.urlsOf('bank1');
    if (urls.length === 0) return undefined;
    return transfer({ url: random.oneOf(urls) }, order, CALL_DEADLINE_MS).then(({ status }) => status);
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
