import { toAmount, toCents } from '@txmsg/contracts';
import type { AccountDisagreement, AuditReport, BoundedList, Disagreement } from './audit-report.js';
import type { AccountsReading, BankName, BookedTransfer, Books, TopUpsReading } from './books.js';
import { mergeJoin } from './merge-join.js';
import {
  disagreementOf,
  isDebited,
  isForeignCredit,
  isInFlight,
  isRefundDue,
  type AuditRules,
  type TransferSides,
} from './transfer-rules.js';

/** What is compared. On two servers the three were opened in the order bank2, bank1, bank2 again. */
export interface AuditedBooks {
  readonly bank1: Books;
  readonly bank2: Books;
  /** Left out when `bank1` and `bank2` are of the same moment. */
  readonly bank2Later?: Books;
}

/** How many disagreements, and foreign credits, are listed unless the caller says otherwise. */
export const LIST_MAX = 100;

export interface AuditOptions {
  /** How many disagreements and foreign credits are listed; all are counted. @default 100 */
  readonly listMax?: number;
  /**
   * Whether others than bank1 are expected to send transfers to bank2. Then their credits explain money; without
   * them, every credit that bank1 has no debit for is a disagreement. @default false
   */
  readonly foreignSenders?: boolean;
}

/**
 * Compares the books of both banks (docs/ARCHITECTURE.md, 3.5): every account with its transfers, every
 * transfer with its other side, and all the money with what there was at first. Transfers may go on meanwhile:
 * they raise no false alarm. Memory is bounded, however many rows there are.
 *
 * @throws AuditUnreadableError when the books cannot be read to the end
 */
export async function audit(
  books: AuditedBooks,
  { listMax = LIST_MAX, foreignSenders = false }: AuditOptions = {},
): Promise<AuditReport> {
  const tally = new Tally(listMax, { foreignSenders });
  const accounts = { bank1: await books.bank1.readAccounts(), bank2: await books.bank2.readAccounts() };
  tally.addAccounts('bank1', accounts.bank1);
  tally.addAccounts('bank2', accounts.bank2);
  for await (const sides of readSides(books)) tally.addTransfer(sides);
  return tally.report(accounts, books.bank2Later === undefined ? 'ONE_SNAPSHOT' : 'THREE_SNAPSHOTS');
}

async function* readSides({ bank1, bank2, bank2Later }: AuditedBooks): AsyncGenerator<TransferSides> {
  if (bank2Later === undefined) {
    for await (const [sent, received] of mergeJoin([bank1.transfers(), bank2.transfers()] as const)) {
      yield { sent, received, receivedLater: received };
    }
    return;
  }
  const sources = [bank1.transfers(), bank2.transfers(), bank2Later.transfers()] as const;
  for await (const [sent, received, receivedLater] of mergeJoin(sources)) {
    yield { sent, received, receivedLater };
  }
}

const NO_TOP_UPS: TopUpsReading = {
  credited: '0.00',
  creditedCount: 0,
  contradictedCount: 0,
  contradicted: [],
};

/** Counts while the rows pass by. */
class Tally {
  private readonly disagreements: Listing<Disagreement>;
  private readonly foreign: Listing<Omit<BookedTransfer, 'state'>>;
  private readonly cents = { sent: 0n, received: 0n, inFlight: 0n, refused: 0n, foreign: 0n };
  private readonly transfers = { bank1: 0, bank2: 0 };

  constructor(
    listMax: number,
    private readonly rules: AuditRules,
  ) {
    this.disagreements = new Listing(listMax);
    this.foreign = new Listing(listMax);
  }

  addAccounts(bank: BankName, { wrong, wrongCount }: AccountsReading): void {
    for (const { accountNo, present, due } of wrong) {
      const disagreement: AccountDisagreement = {
        kind: 'ACCOUNT',
        bank,
        accountNo,
        found: present ?? 'no account_info row',
        expected: due,
      };
      this.disagreements.add(disagreement);
    }
    this.disagreements.count += wrongCount - wrong.length;
  }

  addTransfer(sides: TransferSides): void {
    const { sent, received } = sides;
    const disagreement = disagreementOf(sides, this.rules);
    if (disagreement !== undefined) this.disagreements.add(disagreement);
    if (sent !== undefined) this.addSent(sent, sides);
    if (received !== undefined) this.addReceived(received, sides);
  }

  report(accounts: Record<BankName, AccountsReading>, reading: AuditReport['reading']): AuditReport {
    const { bank1, bank2 } = accounts;
    const { sent, received, inFlight, refused, foreign } = this.cents;
    const foreignCents = this.rules.foreignSenders ? foreign : 0n;
    const topUps = bank1.topUps ?? NO_TOP_UPS;
    const fromOutside = foreignCents + toCents(topUps.credited);
    const due = toCents(bank1.opening) + toCents(bank2.opening) + fromOutside;
    const present = toCents(bank1.balance) + toCents(bank2.balance) + inFlight;
    if (due !== present) {
      this.disagreements.add({ kind: 'TOTAL', found: toAmount(present), expected: toAmount(due) });
    }
    return {
      agrees: this.disagreements.count === 0,
      reading,
      disagreements: this.disagreements.toList(),
      foreignCredits: { ...this.foreign.toList(), sum: toAmount(foreign) },
      topUps: {
        credited: { count: topUps.creditedCount, sum: topUps.credited },
        contradicted: { count: topUps.contradictedCount, listed: topUps.contradicted },
      },
      money: {
        opening: { bank1: bank1.opening, bank2: bank2.opening },
        balance: { bank1: bank1.balance, bank2: bank2.balance },
        sent: toAmount(sent),
        received: toAmount(received),
        inFlight: toAmount(inFlight),
        refused: toAmount(refused),
        missing: toAmount(due - present),
      },
      transfers: this.transfers,
    };
  }

  private addSent(sent: BookedTransfer, sides: TransferSides): void {
    const cents = toCents(sent.amount);
    this.transfers.bank1 += 1;
    if (isDebited(sent)) this.cents.sent += cents;
    if (!isInFlight(sides)) return;
    this.cents.inFlight += cents;
    if (isRefundDue(sides)) this.cents.refused += cents;
  }

  private addReceived(received: BookedTransfer, sides: TransferSides): void {
    const cents = toCents(received.amount);
    this.transfers.bank2 += 1;
    if (received.state === 'CREDITED') this.cents.received += cents;
    if (!isForeignCredit(sides)) return;
    const { txNo, accountNo, toAccountNo, amount } = received;
    this.cents.foreign += cents;
    this.foreign.add({ txNo, accountNo, toAccountNo, amount });
  }
}

/** Keeps the first of many and counts them all. */
class Listing<Item> {
  count = 0;
  private readonly listed: Item[] = [];

  constructor(private readonly listMax: number) {}

  add(item: Item): void {
    this.count += 1;
    if (this.listed.length < this.listMax) this.listed.push(item);
  }

  toList(): BoundedList<Item> {
    return { count: this.count, listed: this.listed };
  }
}
