import { randomBytes } from 'node:crypto';
import type { AuditReport } from '@txmsg/bank/audit';
import type { FaultRule } from 'txmsg/faults';
import { AdminClient } from '../cli/admin-client.js';
import { BankClient } from '../demo/bank-client.js';
import type { Bank } from '@txmsg/contracts';
import { StackError } from '../stack/stack-error.js';
import { waitUntil } from '../stack/wait-until.js';
import type { ComposeProject } from './compose-project.js';

/** The accounts of the seed data, as every bank has them. */
export const PAIR = { accountNo: '1', toAccountNo: '2' } as const;

/** The broker may ask a killed producer for up to two minutes; a busy machine adds to it. */
const END_DEADLINE_MS = 5 * 60_000;
const LOG_DEADLINE_MS = 60_000;
const POLL_MS = 500;

/** A line of a bank's log. */
export interface BankLine {
  readonly container: string;
  readonly message: string;
  readonly txNo?: string;
  readonly answer?: string;
}

/** The running system as its callers and operators see it: through the banks' HTTP calls and their logs. */
export class ComposeSystem {
  private numbers = 0;
  private readonly run = `compose-${randomBytes(4).toString('hex')}`;

  constructor(readonly project: ComposeProject) {}

  newTxNo(): string {
    return `${this.run}-${++this.numbers}`;
  }

  /** Also for one that has just been started again, and so has another port. */
  async bank(bank: Bank): Promise<BankClient> {
    return new BankClient(bank, await this.project.port(bank));
  }

  /** From now on this bank's only instance meets this fault. */
  async meetFault(bank: Bank, rule: FaultRule): Promise<void> {
    await (await this.admin(bank)).post('faults', { by: 'test-compose', rules: [rule] });
  }

  async bankLines(bank: Bank): Promise<BankLine[]> {
    const lines = await this.project.logs(bank);
    return lines.flatMap(({ container, text }) => {
      if (!text.startsWith('{')) return [];
      const { message, txNo, answer } = JSON.parse(text) as Record<string, unknown>;
      return typeof message !== 'string'
        ? []
        : [
            {
              container,
              message,
              ...(typeof txNo === 'string' && { txNo }),
              ...(typeof answer === 'string' && { answer }),
            },
          ];
    });
  }

  async untilLogged(bank: Bank, what: string, isIt: (line: BankLine) => boolean): Promise<void> {
    await waitUntil(
      `${bank} logging "${what}"`,
      { deadlineMs: LOG_DEADLINE_MS, intervalMs: POLL_MS },
      async () => (await this.bankLines(bank)).some(isIt),
    );
  }

  /** Waits until bank1 has ended each of these transfers as COMPLETED. */
  async untilCompleted(txNos: readonly string[]): Promise<void> {
    const bank1 = await this.bank('bank1');
    const open = new Set(txNos);
    const what = `The end of ${txNos.length === 1 ? `transfer ${txNos.join()}` : `${txNos.length} transfers`}`;
    await waitUntil(what, { deadlineMs: END_DEADLINE_MS, intervalMs: POLL_MS }, async () => {
      for (const txNo of open) {
        const state = await bank1.transferState(txNo);
        if (state !== 'COMPLETED')
          throw new Error(`${open.size} are open; ${txNo} is ${state ?? 'unknown'}.`);
        open.delete(txNo);
      }
      return true;
    });
  }

  /** How many are open of this reason; 100 at most. @throws Error when the bank cannot say so now */
  async openDeadLetters(bank: Bank, reason: string): Promise<number> {
    const query = { state: 'OPEN', reason, limit: '100' };
    const { status, body } = await (await this.admin(bank)).get('dead-letters', query);
    if (status !== 200) throw new Error(`${bank} answered with ${status}: ${JSON.stringify(body)}`);
    return (body.deadLetters as unknown[]).length;
  }

  /** Waits until nothing is in flight; then every account and transfer must agree, and all the money be there. */
  async expectMoneyConserved(): Promise<AuditReport> {
    let report: AuditReport | undefined;
    await waitUntil(
      'The arrival of all the money',
      { deadlineMs: END_DEADLINE_MS, intervalMs: POLL_MS },
      async () => {
        report = await this.audit();
        return report.money.inFlight === '0.00';
      },
    );
    if (report?.agrees) return report;
    const { disagreements, money } = report ?? {};
    throw new StackError(`The audit disagrees: ${JSON.stringify({ disagreements, money })}`);
  }

  /** @throws Error when the banks cannot say so now */
  private async audit(): Promise<AuditReport> {
    const { status, body } = await (await this.admin('bank1')).get('audit');
    if (status === 200) return body as unknown as AuditReport;
    throw new Error(`bank1 answered the audit with ${status}: ${JSON.stringify(body)}`);
  }

  private async admin(bank: Bank): Promise<AdminClient> {
    const origin = `http://127.0.0.1:${await this.project.port(bank)}`;
    return new AdminClient(bank, origin, this.project.adminToken);
  }
}

export function expectThat(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new StackError(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}.`);
}
