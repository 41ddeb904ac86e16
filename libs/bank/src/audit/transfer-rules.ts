import type { BookedTransfer } from './books.js';
import type { Disagreement } from './audit-report.js';

/** What the readings have under one txNo. On one server, `received` and `receivedLater` are the same row. */
export interface TransferSides {
  /** bank1's row. */
  readonly sent: BookedTransfer | undefined;
  /** bank2's row, read before bank1's. */
  readonly received: BookedTransfer | undefined;
  /** bank2's row, read after bank1's. */
  readonly receivedLater: BookedTransfer | undefined;
}

/**
 * What bank2 credited was sent by bank1 before, so it is looked for in bank1's later reading; what bank1 has
 * ended was decided by bank2 before, so it is looked for in bank2's later reading. Anything else may simply
 * have happened between two readings.
 */
export function disagreementOf(sides: TransferSides): Disagreement | undefined {
  return wrongCredit(sides) ?? wrongEnd(sides);
}

/** A credit whose txNo bank1 never sent, or has given back because these other contents took it. */
export function isForeignCredit({ sent, received }: TransferSides): boolean {
  if (received?.state !== 'CREDITED') return false;
  return sent === undefined || (sent.state === 'REFUNDED' && !isSameTransfer(sent, received));
}

/** Left bank1, and had not arrived: under way, or refused by bank2 and not given back yet. */
export function isInFlight({ sent, received }: TransferSides): boolean {
  return sent !== undefined && isDebited(sent) && received?.state !== 'CREDITED';
}

export function isDebited({ state }: BookedTransfer): boolean {
  return state === 'DEBITED' || state === 'COMPLETED';
}

/** Every CREDITED row faces a DEBITED or COMPLETED one with equal contents. */
function wrongCredit({ sent, received }: TransferSides): Disagreement | undefined {
  if (sent === undefined || received?.state !== 'CREDITED') return undefined;
  const { txNo } = received;
  const isSame = isSameTransfer(sent, received);
  if (isDebited(sent) && !isSame) {
    const expected = `${contents(sent)}, as bank1 sent it (${sent.state})`;
    return { kind: 'TRANSFER', bank: 'bank2', txNo, found: whole(received), expected };
  }
  if (sent.state === 'REFUNDED' && isSame) {
    const expected = 'DEBITED or COMPLETED, because bank2 has CREDITED it';
    return { kind: 'TRANSFER', bank: 'bank1', txNo, found: whole(sent), expected };
  }
  return undefined;
}

/** Every COMPLETED row faces a CREDITED one with equal contents; every REFUNDED row a REJECTED one, or a stranger's. */
function wrongEnd({ sent, receivedLater: received }: TransferSides): Disagreement | undefined {
  if (sent === undefined || sent.state === 'DEBITED') return undefined;
  const isSame = received !== undefined && isSameTransfer(sent, received);
  const isCredited = isSame && received.state === 'CREDITED';
  const isRight = sent.state === 'COMPLETED' ? isCredited : received !== undefined && !isCredited;
  if (isRight) return undefined;
  const due = sent.state === 'COMPLETED' ? 'CREDITED' : 'REJECTED';
  return {
    kind: 'TRANSFER',
    bank: 'bank2',
    txNo: sent.txNo,
    found: received === undefined ? 'nothing' : whole(received),
    expected: `${due} with ${contents(sent)}, because bank1 has ${sent.state} it`,
  };
}

function isSameTransfer(sent: BookedTransfer, received: BookedTransfer): boolean {
  return (
    sent.accountNo === received.accountNo &&
    sent.toAccountNo === received.toAccountNo &&
    sent.amount === received.amount
  );
}

function whole(transfer: BookedTransfer): string {
  return `${transfer.state} with ${contents(transfer)}`;
}

function contents({ amount, accountNo, toAccountNo }: BookedTransfer): string {
  return `${amount} from ${accountNo} to ${toAccountNo}`;
}
