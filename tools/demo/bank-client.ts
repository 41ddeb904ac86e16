import type { Bank } from '@txmsg/contracts';
import { call, postJson, type Answer } from '../../e2e/kit/http.js';
import { StackError } from '../stack/stack-error.js';

/** Above every deadline of the banks themselves. */
const CALL_DEADLINE_MS = 15_000;

export interface TransferCall {
  readonly txNo: string;
  readonly amount: string;
}

/** The accounts of the seed data. */
export const PAYER = '1';
export const PAYEE = '2';

/** The HTTP calls that the demo makes; the same that anybody can make with curl. */
export class BankClient {
  readonly url: string;

  constructor(
    private readonly bank: Bank,
    port: number,
  ) {
    this.url = `http://127.0.0.1:${port}/${bank}`;
  }

  async balance(accountNo: string): Promise<string> {
    const { status, body = {} } = await this.get(`/accounts/${accountNo}`);
    if (status !== 200 || typeof body.balance !== 'string') {
      throw new StackError(
        `${this.bank} did not tell the balance of account ${accountNo}: ${describe({ status, body })}.`,
      );
    }
    return body.balance;
  }

  /** The transfer's state at this bank; undefined when the bank has never heard of it. */
  async transferState(txNo: string): Promise<string | undefined> {
    const { status, body = {} } = await this.get(`/transfers/${txNo}`);
    if (status === 404 && body.code === 'TRANSFER_NOT_FOUND') return undefined;
    if (status === 200 && typeof body.state === 'string') return body.state;
    throw new StackError(
      `${this.bank} did not tell where transfer ${txNo} stands: ${describe({ status, body })}.`,
    );
  }

  /** The call that users of the classic banks know. */
  classicTransfer({ txNo, amount }: TransferCall): Promise<Answer> {
    return this.get(`/transfer?amount=${amount}&txNo=${txNo}`);
  }

  transfer({ txNo, amount }: TransferCall): Promise<Answer> {
    const order = JSON.stringify({ txNo, accountNo: PAYER, toAccountNo: PAYEE, amount });
    return postJson(`${this.url}/transfers`, order, {}, CALL_DEADLINE_MS);
  }

  private get(path: string): Promise<Answer> {
    return call(`${this.url}${path}`, {}, CALL_DEADLINE_MS);
  }
}

/** `201 DEBITED`, `422 INSUFFICIENT_BALANCE`: a status with the word that explains it. */
export function describe({ status, body = {} }: Pick<Answer, 'status' | 'body'>): string {
  const word = [body.state, body.code].find((value) => typeof value === 'string');
  return word === undefined ? String(status) : `${status} ${word}`;
}
