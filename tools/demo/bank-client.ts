import type { Bank } from '@txmsg/bank/provisioning';
import { StackError } from '../stack/stack-error.js';

/** Above every deadline of the banks themselves. */
const CALL_DEADLINE_MS = 15_000;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

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

  isReady(): Promise<boolean> {
    return this.call('GET', '/health/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  async balance(accountNo: string): Promise<string> {
    const { status, body } = await this.call('GET', `/accounts/${accountNo}`);
    if (status !== 200 || typeof body.balance !== 'string') {
      throw new StackError(
        `${this.bank} did not tell the balance of account ${accountNo}: ${describe({ status, body })}.`,
      );
    }
    return body.balance;
  }

  /** The transfer's state at this bank; undefined when the bank has never heard of it. */
  async transferState(txNo: string): Promise<string | undefined> {
    const { status, body } = await this.call('GET', `/transfers/${txNo}`);
    if (status === 404 && body.code === 'TRANSFER_NOT_FOUND') return undefined;
    if (status === 200 && typeof body.state === 'string') return body.state;
    throw new StackError(
      `${this.bank} did not tell where transfer ${txNo} stands: ${describe({ status, body })}.`,
    );
  }

  /** The call that users of the classic banks know. */
  classicTransfer({ txNo, amount }: TransferCall): Promise<Answer> {
    return this.call('GET', `/transfer?amount=${amount}&txNo=${txNo}`);
  }

  transfer({ txNo, amount }: TransferCall): Promise<Answer> {
    return this.call('POST', '/transfers', { txNo, accountNo: PAYER, toAccountNo: PAYEE, amount });
  }

  private async call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}

/** `201 DEBITED`, `422 INSUFFICIENT_BALANCE`: a status with the word that explains it. */
export function describe({ status, body }: Answer): string {
  const word = [body.state, body.code].find((value) => typeof value === 'string');
  return word === undefined ? String(status) : `${status} ${word}`;
}
