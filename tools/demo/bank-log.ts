import type { LogLine } from '../../e2e/kit/service-process.js';
import { waitUntil, type WaitOptions } from '../stack/wait-until.js';

/** A line of a bank's log that concerns a transfer. */
export interface TransferLine {
  readonly txNo: string;
  readonly message: string;
  /** The bank's clock, which is this machine's, in ms since the epoch. */
  readonly timestamp: number;
  readonly answer?: string;
  readonly deliveryAttempt?: number;
}

/** What one bank has written about transfers: the source of every time that the demo prints. */
export class BankLog {
  /** @param lines - the log as it is now, oldest line first */
  constructor(private readonly lines: () => readonly LogLine[]) {}

  find(txNo: string, matches: (line: TransferLine) => boolean): TransferLine | undefined {
    return this.lines().find((line): line is LogLine & TransferLine => {
      const isOfTransfer = line.txNo === txNo && typeof line.timestamp === 'number';
      return isOfTransfer && matches(line as LogLine & TransferLine);
    });
  }

  /** @throws StackError when the line has not come in time */
  async waitFor(
    txNo: string,
    matches: (line: TransferLine) => boolean,
    { what, ...wait }: WaitOptions & { readonly what: string },
  ): Promise<TransferLine> {
    await waitUntil(what, { intervalMs: 20, ...wait }, () => this.find(txNo, matches) !== undefined);
    const line = this.find(txNo, matches);
    if (!line) throw new Error(`${what}: its log line is gone again`);
    return line;
  }
}

/** For `find` and `waitFor`: the line says exactly this. */
export function says(text: string): (line: TransferLine) => boolean {
  return ({ message }) => message === text;
}
