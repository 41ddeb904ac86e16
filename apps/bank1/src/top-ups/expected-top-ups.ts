import { Injectable, Logger } from '@nestjs/common';
import { AccountEntity } from '@txmsg/bank';
import { isSameTopUp, ProblemCode, type TopUpContents } from '@txmsg/contracts';
import {
  asDatabaseProblem,
  BoundedRead,
  nothingDone,
  ProblemException,
  storeOnce,
  txNoConflict,
  type StoreOutcome,
} from '@txmsg/service';
import { DatabaseTransactions } from 'txmsg';
import { Bank1Settings } from '../bank1-settings.js';
import type { TopUpDocument, UnknownTopUp } from './top-up.document.js';
import type { TopUp } from './top-up.js';
import { TopUpLedger } from './top-up.ledger.js';

export interface Expectation extends TopUpContents {
  readonly txNo: string;
}

export type ExpectationAnswer =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly body: TopUpDocument }
  | { readonly kind: 'UNKNOWN'; readonly body: UnknownTopUp };

const TIMEOUT_MS = 3000;

/** Registers top-ups that a customer was promised: from then on this bank does not forget them, whether pay tells or not. */
@Injectable()
export class ExpectedTopUps {
  private readonly logger = new Logger(ExpectedTopUps.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly ledger: TopUpLedger,
    private readonly read: BoundedRead,
    private readonly settings: Bank1Settings,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async register(expectation: Expectation): Promise<ExpectationAnswer> {
    await this.requireAccount(expectation);
    const outcome = await this.tryToStore(expectation);
    if (outcome !== 'STORED') return this.answerFromRow(expectation);
    return { kind: 'FIRST', body: { ...expectation, state: 'EXPECTED', reason: null } };
  }

  /** @throws ProblemException TOP_UP_NOT_FOUND */
  async find(txNo: string): Promise<TopUp> {
    const topUp = await this.read.run((manager) => this.ledger.find(txNo, manager));
    if (topUp !== undefined) return topUp;
    throw new ProblemException(ProblemCode.TOP_UP_NOT_FOUND, `This bank knows no top-up "${txNo}".`, {
      txNo,
    });
  }

  /** Nothing could ever be credited to an account that is not there. */
  private async requireAccount({ txNo, accountNo }: Expectation): Promise<void> {
    const isThere = await this.read.run((manager) => manager.existsBy(AccountEntity, { accountNo }));
    if (isThere) return;
    const detail = `There is no account "${accountNo}" at this bank.`;
    throw new ProblemException(ProblemCode.ACCOUNT_NOT_FOUND, detail, { txNo });
  }

  private async tryToStore({ txNo, accountNo, amount }: Expectation): Promise<StoreOutcome> {
    const [firstPauseMs = 0] = this.settings.topUpLadderMs;
    try {
      return await storeOnce(this.transactions, {
        txNo,
        timeoutMs: TIMEOUT_MS,
        insert: async ({ entityManager }) => {
          await entityManager.query(
            `INSERT INTO top_up (tx_no, account_no, amount, next_check_at)
             VALUES (?, ?, CAST(? AS DECIMAL(19,2)), UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)`,
            [txNo, accountNo, amount, firstPauseMs * 1000],
          );
        },
      });
    } catch (error) {
      throw nothingDone({ txNo, what: 'registration' }, error);
    }
  }

  /** Of an earlier call, of a message that was sooner, or of this call when the answer to its COMMIT was lost. */
  private async answerFromRow(expectation: Expectation): Promise<ExpectationAnswer> {
    const { txNo } = expectation;
    let topUp: TopUp | undefined;
    try {
      topUp = await this.read.run((manager) => this.ledger.find(txNo, manager));
    } catch (error) {
      this.logger.warn(`Whether a top-up is registered is not known yet: ${String(error)}`, { txNo });
      return { kind: 'UNKNOWN', body: { txNo, state: 'UNKNOWN' } };
    }
    if (topUp === undefined) throw nothingDone({ txNo, what: 'registration' });
    if (isSameTopUp(topUp, expectation)) return { kind: 'REPEATED', body: topUp };
    await this.note(topUp, expectation);
    throw txNoConflict({ txNo, what: 'top-up' });
  }

  /** Somebody was promised something else than what was paid, which the audit must show. */
  private async note({ state }: TopUp, { txNo, accountNo, amount }: Expectation): Promise<void> {
    if (state === 'EXPECTED' || state === 'GIVEN_UP') return;
    const said = `expected was ${amount} for ${accountNo}`;
    try {
      await this.transactions.autocommit(TIMEOUT_MS, (manager) => this.ledger.note(txNo, said, manager));
    } catch (error) {
      throw asDatabaseProblem(error);
    }
  }
}
