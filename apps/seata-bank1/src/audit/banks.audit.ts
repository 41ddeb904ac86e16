import { Injectable } from '@nestjs/common';
import { AuditUnreadableError, compareTxNos } from '@txmsg/bank/audit';
import type { AuditDocument } from './audit.document.js';
import { AuditFindings } from './audit.findings.js';
import { Bank2Books, type Bank2Page } from './bank2-books.js';
import { OwnBooks } from './own-books.js';
import { finalVerdictOf, verdictOf, type BookedCredit, type BookedTransfer } from './transfer.verdict.js';

/** Transfers in memory at a time. */
const PAGE_SIZE = 1000;

/**
 * Both banks' books compared while transfers go on: each bank's accounts with what it has done about them, in one snapshot of
 * its own, and every transfer with its credit. Bank2 is read before bank1, page by page, and once more before a credit is
 * called missing, so that no order of readings and COMMITs raises an alarm.
 */
@Injectable()
export class BanksAudit {
  constructor(
    private readonly own: OwnBooks,
    private readonly bank2: Bank2Books,
  ) {}

  /** @throws AuditUnreadableError, ProblemException SERVICE_UNAVAILABLE */
  async run(): Promise<AuditDocument> {
    const findings = new AuditFindings();
    const accounts = await this.own.accounts();
    findings.addAccounts('bank1', accounts);
    let page = await this.bank2.page();
    const { accounts: bank2Accounts } = page;
    if (bank2Accounts === null) throw new AuditUnreadableError('The first page of bank2 has no accounts.');
    findings.addAccounts('bank2', bank2Accounts);
    for (let after = ''; ;) {
      await this.compare(after, page, findings);
      if (page.next === null) return findings.report(accounts, bank2Accounts);
      after = page.next;
      page = await this.bank2.page(after);
    }
  }

  /** Everything that either bank has between two txNos. */
  private async compare(after: string, { credits, next }: Bank2Page, findings: AuditFindings): Promise<void> {
    const unmatched = new Map(credits.map((credit) => [credit.txNo, credit]));
    for (let from = after; ;) {
      const transfers = await this.own.transfers(from, next, PAGE_SIZE);
      const suspects = new Map<string, BookedTransfer>();
      for (const transfer of transfers) {
        const verdict = verdictOf(transfer, unmatched.get(transfer.txNo));
        unmatched.delete(transfer.txNo);
        if (verdict.kind === 'LOOK_AGAIN') suspects.set(transfer.txNo, transfer);
        else findings.addTransfer(transfer, verdict);
      }
      if (suspects.size > 0) await this.lookAgain(suspects, from, findings);
      const last = transfers.at(-1);
      if (last === undefined || transfers.length < PAGE_SIZE) break;
      from = last.txNo;
    }
    for (const credit of unmatched.values()) findings.addTransfer(credit, verdictOf(undefined, credit));
  }

  /** Reads bank2 after bank1 has said that these are committed. */
  private async lookAgain(
    suspects: ReadonlyMap<string, BookedTransfer>,
    after: string,
    findings: AuditFindings,
  ): Promise<void> {
    const credits = new Map<string, BookedCredit>();
    const last = [...suspects.keys()].at(-1) ?? '';
    for (let from: string | null = after; from !== null && compareTxNos(from, last) < 0;) {
      const page: Bank2Page = await this.bank2.page(from === '' ? undefined : from);
      for (const credit of page.credits) if (suspects.has(credit.txNo)) credits.set(credit.txNo, credit);
      from = page.next;
    }
    for (const [txNo, transfer] of suspects) {
      findings.addTransfer(transfer, finalVerdictOf(transfer, credits.get(txNo)));
    }
  }
}
