import {
  LIST_MAX,
  type BankName,
  type Disagreement,
  type Holding,
  type ReservedAccountsReading,
} from '@txmsg/bank/audit';
import { toAmount, toCents } from '@txmsg/contracts';
import type { AuditDocument } from './audit.document.js';
import type { Verdict } from './transfer.verdict.js';

/** What an audit has found so far. */
export class AuditFindings {
  private count = 0;
  private readonly listed: Disagreement[] = [];
  private readonly committed = { count: 0, cents: 0n };
  private readonly inFlight = { count: 0, cents: 0n };

  addAccounts(bank: BankName, { wrong, wrongCount }: ReservedAccountsReading): void {
    for (const { accountNo, present, due } of wrong) {
      const found = present === null ? 'no account_info row' : text(present);
      this.add({ kind: 'ACCOUNT', bank, accountNo, found, expected: text(due) });
    }
    this.count += wrongCount - wrong.length;
  }

  addTransfer({ txNo, amount }: { readonly txNo: string; readonly amount: string }, verdict: Verdict): void {
    switch (verdict.kind) {
      case 'COMMITTED':
        this.sum(this.committed, amount);
        return;
      case 'IN_FLIGHT':
        this.sum(this.inFlight, amount);
        return;
      case 'NOTHING':
        return;
      case 'LOOK_AGAIN':
        throw new Error(`transfer "${txNo}" was to be looked at again`);
      case 'WRONG':
        this.add({ kind: 'TRANSFER', bank: 'bank2', txNo, found: verdict.found, expected: verdict.expected });
    }
  }

  report(bank1: ReservedAccountsReading, bank2: ReservedAccountsReading): AuditDocument {
    const totals = ({ opening, balance, reserved }: ReservedAccountsReading) => ({
      opening,
      balance,
      reserved,
    });
    return {
      agrees: this.count === 0,
      disagreements: { count: this.count, listed: this.listed },
      accounts: { bank1: totals(bank1), bank2: totals(bank2) },
      transfers: { committed: summed(this.committed), inFlight: summed(this.inFlight) },
    };
  }

  private add(disagreement: Disagreement): void {
    this.count += 1;
    if (this.listed.length < LIST_MAX) this.listed.push(disagreement);
  }

  private sum(into: { count: number; cents: bigint }, amount: string): void {
    into.count += 1;
    into.cents += toCents(amount);
  }
}

function text({ balance, reserved }: Holding): string {
  return `${balance}, and ${reserved} reserved`;
}

function summed({ count, cents }: { readonly count: number; readonly cents: bigint }) {
  return { count, sum: toAmount(cents) };
}
