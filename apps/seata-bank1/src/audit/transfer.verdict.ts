import type { TwoPhasePattern } from '@txmsg/contracts';

/**
 * What a transfer has done at this bank. RESERVED: a try of TCC took effect, which phase two ends. UNDOABLE: phase one of AT
 * is committed, and may be undone as long as its undo log is there. OPEN: nothing has taken effect.
 */
export const STANDINGS = ['OPEN', 'RESERVED', 'UNDOABLE', 'COMMITTED', 'ROLLED_BACK'] as const;
export type Standing = (typeof STANDINGS)[number];

interface Moved {
  readonly txNo: string;
  readonly pattern: TwoPhasePattern;
  readonly amount: string;
  readonly xid: string;
}

export interface BookedTransfer extends Moved {
  readonly toAccountNo: string;
  readonly standing: Standing;
}

/** OPEN: phase two has not run at bank2. */
export interface BookedCredit extends Moved {
  readonly accountNo: string;
  readonly state: 'OPEN' | 'CREDITED';
}

export type Verdict =
  /** Both banks have committed it, or neither has it. */
  | { readonly kind: 'COMMITTED' | 'NOTHING' }
  /** Phase two has not run everywhere: whatever stands at the other side may be right. */
  | { readonly kind: 'IN_FLIGHT' }
  /** Its credit may have come after bank2 was read. */
  | { readonly kind: 'LOOK_AGAIN' }
  | { readonly kind: 'WRONG'; readonly found: string; readonly expected: string };

const IN_FLIGHT: Verdict = { kind: 'IN_FLIGHT' };

/**
 * Holds a transfer against its credit, which was read before it. Bank2 credits for good only what has been decided, and bank1's
 * branch was there before that: so the transfer must show it. The other way round the credit may be younger than its reading.
 */
export function verdictOf(transfer: BookedTransfer | undefined, credit: BookedCredit | undefined): Verdict {
  if (credit?.state === 'CREDITED') return verdictOfCredited(transfer, credit);
  switch (transfer?.standing) {
    case 'COMMITTED':
      return credit?.xid === transfer.xid ? IN_FLIGHT : { kind: 'LOOK_AGAIN' };
    case 'RESERVED':
    case 'UNDOABLE':
    case 'OPEN':
      return IN_FLIGHT;
    case 'ROLLED_BACK':
    case undefined:
      return credit === undefined ? { kind: 'NOTHING' } : IN_FLIGHT;
  }
}

/** The same for a committed transfer, with its credit read after it: if it is not there now, it never was, or was removed. */
export function finalVerdictOf(transfer: BookedTransfer, credit: BookedCredit | undefined): Verdict {
  const verdict = verdictOf(transfer, credit);
  if (verdict.kind !== 'LOOK_AGAIN') return verdict;
  return wrong(credit === undefined ? 'no credit at bank2' : text(credit), `a credit of ${transfer.xid}`);
}

function verdictOfCredited(transfer: BookedTransfer | undefined, credit: BookedCredit): Verdict {
  if (transfer === undefined) return wrong(text(credit), 'a transfer at bank1');
  const { xid, pattern, amount, toAccountNo, standing } = transfer;
  const isItsCredit =
    credit.xid === xid &&
    credit.pattern === pattern &&
    credit.amount === amount &&
    credit.accountNo === toAccountNo;
  const isDebited = standing === 'COMMITTED' || standing === 'RESERVED' || standing === 'UNDOABLE';
  if (isItsCredit && isDebited) return standing === 'COMMITTED' ? { kind: 'COMMITTED' } : IN_FLIGHT;
  const asked = text({ ...transfer, accountNo: toAccountNo, state: standing });
  return wrong(text(credit), isDebited ? asked : `no credit: bank1 has ${asked}`);
}

function wrong(found: string, expected: string): Verdict {
  return { kind: 'WRONG', found, expected };
}

function text(of: Moved & { readonly accountNo: string; readonly state: string }): string {
  return `${of.state} ${of.amount} to ${of.accountNo} under ${of.pattern}, ${of.xid}`;
}
