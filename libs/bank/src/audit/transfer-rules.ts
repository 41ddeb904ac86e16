import { isSameTransfer } from '@txmsg/contracts';
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

/** Whether anybody but bank1 is expected to send transfers: then a credit without a debit is no disagreement. */
export interface AuditRules {
  readonly foreignSenders: boolean;
}

type Bank1Side = 'NOTHING' | 'DEBITED' | 'COMPLETED' | 'REFUNDED';
/** `OTHER_`: with other contents than bank1's row, or where bank1 has none. */
type Bank2Side = 'NOTHING' | 'CREDITED' | 'REJECTED' | 'OTHER_CREDITED' | 'OTHER_REJECTED';

/**
 * What the two rows under one txNo say together. bank2's tx_no is unique and its rows never change, so contents that
 * find others there can never be credited: a refund is due, as after a refusal.
 */
type Meaning =
  | 'NONE_OF_OURS'
  | 'UNDER_WAY'
  | 'ARRIVED'
  | 'REFUND_DUE'
  | 'REFUNDED'
  // Disagreements.
  | 'COMPLETED_WITHOUT_CREDIT'
  | 'REFUNDED_WITHOUT_DECISION'
  | 'REFUNDED_AND_CREDITED';

/** Every pair, decided. transfer-rules.spec.ts compares this with what the protocol can bring about. */
const MEANINGS: Record<Bank1Side, Record<Bank2Side, Meaning>> = {
  NOTHING: {
    NOTHING: 'NONE_OF_OURS',
    CREDITED: 'NONE_OF_OURS',
    REJECTED: 'NONE_OF_OURS',
    OTHER_CREDITED: 'NONE_OF_OURS',
    // A stranger's message that was refused moved no money.
    OTHER_REJECTED: 'NONE_OF_OURS',
  },
  DEBITED: {
    NOTHING: 'UNDER_WAY',
    CREDITED: 'ARRIVED',
    REJECTED: 'REFUND_DUE',
    OTHER_CREDITED: 'REFUND_DUE',
    OTHER_REJECTED: 'REFUND_DUE',
  },
  COMPLETED: {
    NOTHING: 'COMPLETED_WITHOUT_CREDIT',
    CREDITED: 'ARRIVED',
    REJECTED: 'COMPLETED_WITHOUT_CREDIT',
    OTHER_CREDITED: 'COMPLETED_WITHOUT_CREDIT',
    OTHER_REJECTED: 'COMPLETED_WITHOUT_CREDIT',
  },
  REFUNDED: {
    NOTHING: 'REFUNDED_WITHOUT_DECISION',
    CREDITED: 'REFUNDED_AND_CREDITED',
    REJECTED: 'REFUNDED',
    OTHER_CREDITED: 'REFUNDED',
    OTHER_REJECTED: 'REFUNDED',
  },
};

export function disagreementOf(sides: TransferSides, rules: AuditRules): Disagreement | undefined {
  return unknownState(sides) ?? changedRow(sides) ?? wrongPair(sides) ?? unexpectedCredit(sides, rules);
}

/** A credit with contents that bank1 has not sent under this txNo. */
export function isForeignCredit({ sent, received }: TransferSides): boolean {
  return sideOfBank2(sent, received) === 'OTHER_CREDITED';
}

/**
 * Left bank1, and is not among what bank2's accounts had received: under way, or to be given back. What bank1 has
 * completed is so only while bank2's later reading has the credit.
 */
export function isInFlight(sides: TransferSides): boolean {
  const { sent, received } = sides;
  if (sent === undefined || !isDebited(sent) || sideOfBank2(sent, received) === 'CREDITED') return false;
  return meaningOf(sides) !== 'COMPLETED_WITHOUT_CREDIT';
}

/** The part of what is in flight that bank2 will not credit. */
export function isRefundDue({ sent, received }: TransferSides): boolean {
  return sent !== undefined && meaningOf({ sent, received, receivedLater: received }) === 'REFUND_DUE';
}

export function isDebited({ state }: BookedTransfer): boolean {
  return state === 'DEBITED' || state === 'COMPLETED';
}

/**
 * What bank2 had is there later too, so the later reading is the one to compare. Only where bank1 had nothing is it
 * the earlier one: what bank2 has since may have been sent since.
 */
function decisive({ sent, received, receivedLater }: TransferSides): BookedTransfer | undefined {
  return sent === undefined ? received : receivedLater;
}

function meaningOf(sides: TransferSides): Meaning {
  const { sent } = sides;
  return MEANINGS[(sent?.state ?? 'NOTHING') as Bank1Side][sideOfBank2(sent, decisive(sides))];
}

function sideOfBank2(sent: BookedTransfer | undefined, received: BookedTransfer | undefined): Bank2Side {
  if (received === undefined) return 'NOTHING';
  const state = received.state as 'CREDITED' | 'REJECTED';
  return sent !== undefined && isSameTransfer(sent, received) ? state : `OTHER_${state}`;
}

function unknownState({ sent, received, receivedLater }: TransferSides): Disagreement | undefined {
  if (sent !== undefined && !Object.hasOwn(MEANINGS, sent.state)) {
    return disagreement('bank1', sent.txNo, whole(sent), 'DEBITED, COMPLETED or REFUNDED');
  }
  const strange = [received, receivedLater].find((row) => row && !/^(CREDITED|REJECTED)$/.test(row.state));
  return strange && disagreement('bank2', strange.txNo, whole(strange), 'CREDITED or REJECTED');
}

/** bank2 never changes or deletes a row. */
function changedRow({ received, receivedLater }: TransferSides): Disagreement | undefined {
  if (received === undefined) return undefined;
  const found = receivedLater === undefined ? 'nothing' : whole(receivedLater);
  const expected = `${whole(received)}, as it was in the reading before`;
  return found === whole(received) ? undefined : disagreement('bank2', received.txNo, found, expected);
}

function wrongPair(sides: TransferSides): Disagreement | undefined {
  const { sent } = sides;
  if (sent === undefined) return undefined;
  const received = decisive(sides);
  const found = received === undefined ? 'nothing' : whole(received);
  const because = `with ${contents(sent)}, because bank1 has ${sent.state} it`;
  switch (meaningOf(sides)) {
    case 'COMPLETED_WITHOUT_CREDIT':
      return disagreement('bank2', sent.txNo, found, `CREDITED ${because}`);
    case 'REFUNDED_WITHOUT_DECISION':
      return disagreement('bank2', sent.txNo, found, `REJECTED ${because}`);
    case 'REFUNDED_AND_CREDITED': {
      const expected = 'DEBITED or COMPLETED, because bank2 has CREDITED it';
      return disagreement('bank1', sent.txNo, whole(sent), expected);
    }
    case 'NONE_OF_OURS':
    case 'UNDER_WAY':
    case 'ARRIVED':
    case 'REFUND_DUE':
    case 'REFUNDED':
      return undefined;
  }
}

/** What a broken fence would look like: bank2 credited what bank1 has not debited. */
function unexpectedCredit(sides: TransferSides, { foreignSenders }: AuditRules): Disagreement | undefined {
  const { sent } = sides;
  const received = decisive(sides);
  if (foreignSenders || received === undefined || sideOfBank2(sent, received) !== 'OTHER_CREDITED') {
    return undefined;
  }
  const due = sent === undefined ? 'nothing' : contents(sent);
  const why = sent === undefined ? 'because bank1 has not sent it' : `as bank1 sent it (${sent.state})`;
  const expected = `${due}, ${why}, and no foreign senders are declared`;
  return disagreement('bank2', received.txNo, whole(received), expected);
}

function disagreement(bank: 'bank1' | 'bank2', txNo: string, found: string, expected: string): Disagreement {
  return { kind: 'TRANSFER', bank, txNo, found, expected };
}

function whole(transfer: BookedTransfer): string {
  return `${transfer.state} with ${contents(transfer)}`;
}

function contents({ amount, accountNo, toAccountNo }: BookedTransfer): string {
  return `${amount} from ${accountNo} to ${toAccountNo}`;
}
