import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AuditUnreadableError, compareTxNos, type ReservedAccountsReading } from '@txmsg/bank/audit';
import { SEATA_BANK2_PREFIX } from '@txmsg/contracts';
import { adminProof, PeerClient, PeerUnansweredError, type PeerAnswer } from '@txmsg/service';
import { SeataBank1Settings } from '../seata-bank1-settings.js';
import type { BookedCredit } from './transfer.verdict.js';

/** bank2 does not let this bank read its books; trying again changes nothing. */
export class BooksRefusedError extends AuditUnreadableError {}

export interface Bank2Page {
  /** With the first page. */
  readonly accounts: ReservedAccountsReading | null;
  readonly credits: readonly BookedCredit[];
  readonly next: string | null;
}

/** Longer than one statement of bank2 may take. */
const TIMEOUT_MS = 90_000;
/** A page has 1000 credits of 400 bytes at the most, and the accounts of the first are listed up to 100. */
const PAGE_BYTES_MAX = 1_048_576;
const AMOUNT = /^-?\d{1,17}\.\d\d$/;

/** bank2's books, through its admin call. The request proves that this bank knows the token without sending it. */
@Injectable()
export class Bank2Books implements OnModuleDestroy {
  private readonly peer: PeerClient;
  private readonly token: string;
  private readonly stopping = new AbortController();

  constructor({ bank2Url, bank2AdminToken, adminToken }: SeataBank1Settings) {
    const none = { sharedSecret: undefined, secretName: 'none' };
    this.peer = new PeerClient({ name: 'bank2', url: bank2Url, ...none });
    this.token = bank2AdminToken ?? adminToken ?? '';
  }

  /** A shutdown does not wait for an audit, which may take long. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** @throws AuditUnreadableError, BooksRefusedError */
  async page(after?: string): Promise<Bank2Page> {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    const path = `/${SEATA_BANK2_PREFIX}/admin/books${query}`;
    const answer = await this.ask(path);
    if (answer.status !== 200) throw this.refusal(answer);
    if (isPage(answer.body) && goesOn(answer.body, after)) return answer.body;
    throw new AuditUnreadableError(`${answer.url} answered what are no books of bank2.`);
  }

  private async ask(path: string): Promise<PeerAnswer> {
    try {
      return await this.peer.ask(path, {
        headers: { authorization: adminProof(this.token, path) },
        signal: this.stopping.signal,
        timeoutMs: TIMEOUT_MS,
        answerBytesMax: PAGE_BYTES_MAX,
      });
    } catch (error) {
      if (!(error instanceof PeerUnansweredError)) throw error;
      throw new AuditUnreadableError(`The books of bank2 could not be read: ${error.message}.`, {
        cause: error,
      });
    }
  }

  private refusal(answer: PeerAnswer): AuditUnreadableError {
    const { message } = this.peer.unanswered(answer, 'its books');
    if (answer.status >= 500 || answer.status === 429) return new AuditUnreadableError(`${message}.`);
    return new BooksRefusedError(
      `${message}. BANK2_ADMIN_TOKEN must be the ADMIN_TOKEN that bank2 was started with, and the clocks of both banks must agree within a minute.`,
    );
  }
}

/** The first page has the accounts, and each ends behind the one before: else the audit would read without end. */
function goesOn({ accounts, next }: Bank2Page, after: string | undefined): boolean {
  if (after === undefined) return accounts !== null;
  return next === null || compareTxNos(next, after) > 0;
}

function isPage(body: unknown): body is Bank2Page {
  const { accounts, credits, next } = (body ?? {}) as Partial<Record<keyof Bank2Page, unknown>>;
  return (
    (accounts === null || isReading(accounts)) &&
    Array.isArray(credits) &&
    credits.every(isCredit) &&
    (next === null || typeof next === 'string')
  );
}

function isCredit(value: unknown): boolean {
  const { txNo, pattern, accountNo, amount, xid, state } = (value ?? {}) as Partial<Record<string, unknown>>;
  return (
    [txNo, pattern, accountNo, xid].every((text) => typeof text === 'string') &&
    isAmount(amount) &&
    (state === 'OPEN' || state === 'CREDITED')
  );
}

function isReading(value: unknown): boolean {
  const { opening, balance, reserved, wrongCount, wrong } = (value ?? {}) as Partial<Record<string, unknown>>;
  return (
    [opening, balance, reserved].every(isAmount) &&
    Number.isSafeInteger(wrongCount) &&
    Array.isArray(wrong) &&
    wrong.every((each: unknown) => {
      const { accountNo, present, due } = (each ?? {}) as Partial<Record<string, unknown>>;
      return typeof accountNo === 'string' && (present === null || isHolding(present)) && isHolding(due);
    })
  );
}

function isHolding(value: unknown): boolean {
  const { balance, reserved } = (value ?? {}) as Partial<Record<string, unknown>>;
  return isAmount(balance) && isAmount(reserved);
}

function isAmount(value: unknown): boolean {
  return typeof value === 'string' && AMOUNT.test(value);
}
