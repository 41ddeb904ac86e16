import type { FaultRule } from 'txmsg/faults';
import type { Bank } from '@txmsg/contracts';
import type { Stage } from './stage.js';

/** A way for a transfer to go, and how it must end whatever happens on that way. */
export interface Scenario {
  readonly name: string;
  /** Faults at bank1 that lead the transfer there. */
  readonly lead: readonly Omit<FaultRule, 'txNo'>[];
  /** Which of the points that are passed on this way belong to it; each point needs at least one such way. */
  owns(service: Bank, point: string): boolean;
  /** Whether a foreign message with its txNo is at bank2 before it. */
  readonly isTxNoUsed?: boolean;
  /** Makes the transfer. What a caller was told, if there was a caller. */
  play(stage: Stage, txNo: string): Promise<void>;
  readonly end: 'COMPLETED' | 'REFUNDED';
  /** Whether its message and its result travel, and so pass both barriers. */
  readonly usesBroker: boolean;
  /** The bank at which a dead letter is left behind. */
  readonly deadLetterAt?: Bank;
}

const isReconciliation = (point: string): boolean => point.startsWith('service:reconciliation');
// Not of a lost message: it ends one that it has sent again only when the result is slower than its next look.
const endsTransfer = (point: string): boolean => /^service:reconciliation\..*settle/.test(point);
const isCheckBack = (point: string): boolean => point.startsWith('check-back');

const transfer: Scenario = {
  name: 'a transfer',
  lead: [],
  // Check-backs and dead letters may come unasked here; they have ways of their own.
  owns: (_service, point) =>
    !isCheckBack(point) && !point.startsWith('dead-letter') && !isReconciliation(point),
  play: (stage, txNo) => stage.call(stage.order(txNo)),
  end: 'COMPLETED',
  usesBroker: true,
};

const resolutionLost: Scenario = {
  name: 'its COMMIT is lost',
  lead: [{ point: 'resolution.before-send', action: 'throw' }],
  owns: (_service, point) => isCheckBack(point),
  play: (stage, txNo) => stage.call(stage.order(txNo)),
  end: 'COMPLETED',
  usesBroker: true,
};

const receiptLost: Scenario = {
  name: "its half message's receipt is lost",
  lead: [{ point: 'half-message.sent', action: 'throw' }],
  owns: (_service, point) => isCheckBack(point),
  play: (stage, txNo) => stage.call(stage.order(txNo)),
  end: 'COMPLETED',
  usesBroker: true,
};

const refused: Scenario = {
  name: 'bank2 refuses it',
  lead: [],
  owns: (service, point) => point.startsWith('consume') && service === 'bank1',
  play: (stage, txNo) => stage.call({ ...stage.order(txNo), toAccountNo: 'nobody' }),
  end: 'REFUNDED',
  usesBroker: true,
};

const txNoUsed: Scenario = {
  name: 'a foreign message took its txNo at bank2',
  lead: [],
  owns: (service, point) => point.startsWith('dead-letter') && service === 'bank2',
  isTxNoUsed: true,
  play: (stage, txNo) => stage.call(stage.order(txNo)),
  end: 'REFUNDED',
  usesBroker: true,
  deadLetterAt: 'bank2',
};

const contradicted: Scenario = {
  name: 'a second result contradicts the first',
  lead: [],
  owns: (service, point) => point.startsWith('dead-letter') && service === 'bank1',
  async play(stage, txNo) {
    const order = stage.order(txNo);
    await stage.call(order);
    await stage.untilEnded(txNo);
    const transferResult = { ...order, outcome: 'REJECTED', reason: 'ACCOUNT_FROZEN' };
    await stage.results.deliver(txNo, { transferResult });
  },
  end: 'COMPLETED',
  usesBroker: true,
  deadLetterAt: 'bank1',
};

const messageLost: Scenario = {
  name: 'the broker lost its message',
  lead: [],
  // Sending again has the same steps as sending, with another local transaction.
  owns: (service, point) =>
    service === 'bank1' &&
    !endsTransfer(point) &&
    (isReconciliation(point) || /^(half-message|local-transaction|resolution)/.test(point)),
  play: (stage, txNo) => stage.ledger.debitWithoutMessage(stage.order(txNo)),
  end: 'COMPLETED',
  usesBroker: true,
};

const resultLost: Scenario = {
  name: 'the broker lost its result',
  lead: [],
  owns: (_service, point) => isReconciliation(point),
  play: (stage, txNo) => stage.ledger.decideWithoutResult(stage.order(txNo), null),
  end: 'COMPLETED',
  usesBroker: false,
};

const refusalLost: Scenario = {
  name: 'the broker lost its refusal',
  lead: [],
  owns: (_service, point) => isReconciliation(point),
  play: (stage, txNo) => stage.ledger.decideWithoutResult(stage.order(txNo), 'ACCOUNT_FROZEN'),
  end: 'REFUNDED',
  usesBroker: false,
};

export const SCENARIOS: readonly Scenario[] = [
  transfer,
  resolutionLost,
  receiptLost,
  refused,
  txNoUsed,
  contradicted,
  messageLost,
  resultLost,
  refusalLost,
];
