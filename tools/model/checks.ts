import { UNREACHABLE, type Check, type CheckGroup } from './check.js';

const check = (name: string, switches: string, breaks?: string): Check => ({
  name,
  switches: switches.split(' ').filter((part) => part !== ''),
  ...(breaks === undefined ? {} : { breaks }),
});

const reach = (name: string, end: string, switches = ''): Check =>
  check(name, `CHALLENGER FOREIGN ${switches} REACH=${end}`, UNREACHABLE);

/** A local transaction that is tried again, and a broker that may be away when a caller comes. */
const RETRIES = 'RETRIES BROKER_AWAY';

/** Losses, duplicates, refusals, dead letters, purges and crashes are in all of them. */
const protocol: CheckGroup = {
  title: 'The protocol: every state is explored, and no promise is broken',
  checks: [
    check('one-caller', ''),
    check('same-contents', 'CHALLENGER SAME_CONTENTS'),
    check('same-contents-foreign', 'CHALLENGER SAME_CONTENTS FOREIGN'),
    check('same-contents-late', 'CHALLENGER SAME_CONTENTS LATE_RESOLUTIONS'),
    check('same-contents-two-reconcilers', 'CHALLENGER SAME_CONTENTS TWO_RECONCILERS'),
    check('other-contents', 'CHALLENGER'),
    check('other-contents-late', 'CHALLENGER FOREIGN LATE_RESOLUTIONS'),
    check('other-contents-two-reconcilers', 'CHALLENGER TWO_RECONCILERS'),
    check('foreign-two-reconcilers', 'FOREIGN TWO_RECONCILERS'),
    check('late-two-reconcilers', 'LATE_RESOLUTIONS TWO_RECONCILERS'),
    check('result-letters', 'RESULT_LETTERS CHALLENGER'),
    check('result-letters-foreign', 'RESULT_LETTERS FOREIGN'),
    check('result-letters-two-reconcilers', 'RESULT_LETTERS TWO_RECONCILERS'),
    check('retries-same-contents', `${RETRIES} CHALLENGER SAME_CONTENTS`),
    check('retries-other-contents', `${RETRIES} CHALLENGER`),
    check('retries-foreign-late', `${RETRIES} FOREIGN LATE_RESOLUTIONS`),
    check('retries-two-reconcilers', `${RETRIES} TWO_RECONCILERS`),
    check('no-reconciliation', 'CHALLENGER FOREIGN LATE_RESOLUTIONS NO_RECONCILIATION'),
    check('no-reconciliation-same-contents', 'CHALLENGER SAME_CONTENTS LATE_RESOLUTIONS NO_RECONCILIATION'),
    check(
      'no-reconciliation-result-letters',
      'RESULT_LETTERS CHALLENGER FOREIGN LATE_RESOLUTIONS NO_RECONCILIATION',
    ),
    check(
      'no-reconciliation-retries',
      `${RETRIES} CHALLENGER SAME_CONTENTS LATE_RESOLUTIONS NO_RECONCILIATION`,
    ),
  ],
};

const MONEY = 'NO_RECONCILIATION MONEY_ONLY';
/** Dismissing a result leaves a barrier row, which makes the same result a duplicate when it comes again. */
const DISMISSED_FOR_GOOD = 'RESULT_LETTERS WITHOUT_DISMISSED_RESULTS_THAT_MAY_COME_AGAIN';

/** One rule is removed. `-money`: what that costs, where the sharper promise is broken before any money is lost. */
const broken: CheckGroup = {
  title: 'One rule is removed: the promise that breaks is found',
  checks: [
    check('fence-by-tx-no', 'WITHOUT_FENCE_PER_ATTEMPT CHALLENGER', 'noCommitForAnAttemptThatDoesNot'),
    check(
      'fence-by-tx-no-money',
      'WITHOUT_FENCE_PER_ATTEMPT CHALLENGER MONEY_ONLY',
      'creditedOnlyWhatWasDebitedWithTheSameContents',
    ),
    check('rollback-after-unknown', 'WITHOUT_UNKNOWN', 'toldNothingWasDoneIsTrue'),
    check('rollback-after-unknown-money', `WITHOUT_UNKNOWN ${MONEY}`, 'everyDebitedTransferEnds'),
    check('no-tombstone', 'WITHOUT_TOMBSTONE', 'noRollbackForAnAttemptThatCommits'),
    check('no-tombstone-money', `WITHOUT_TOMBSTONE ${MONEY}`, 'everyDebitedTransferEnds'),
    check('refund-without-barrier', 'WITHOUT_REFUND_FENCE', 'bothBanksAgreeAtTheEnd'),
    check('refund-without-barrier-money', 'WITHOUT_REFUND_FENCE MONEY_ONLY', 'neverBothRefundedAndCredited'),
    check('refund-at-404', 'WITHOUT_REPUBLISHING', 'neverBothRefundedAndCredited'),
    check('connection-reused', 'WITHOUT_DESTROYED_CONNECTION', 'toldNothingWasDoneIsTrue'),
    check('connection-reused-money', `WITHOUT_DESTROYED_CONNECTION ${MONEY}`, 'everyDebitedTransferEnds'),
    check('old-half-messages-judged', 'WITHOUT_AGE_RULE', 'noRollbackForAnAttemptThatCommits'),
    check('old-half-messages-judged-money', `WITHOUT_AGE_RULE ${MONEY}`, 'everyDebitedTransferEnds'),
    check('no-reconciliation-but-losses', 'WITHOUT_RECONCILIATION', 'everyDebitedTransferEnds'),
    check('contents-not-compared', 'WITHOUT_COMPARED_CONTENTS CHALLENGER', 'toldDoneIsTrue'),
    check('no-outgoing-check', 'WITHOUT_OUTGOING_CHECK', 'debitedAtMostOnce'),
    check('no-incoming-check', 'WITHOUT_INCOMING_CHECK', 'creditedAtMostOnce'),
    check(
      'dismissal-looks-at-barrier-only',
      `WITHOUT_DISMISSAL_LOOKING_AT_INCOMING ${MONEY}`,
      'neverBothRefundedAndCredited',
    ),
    check('refund-not-idempotent', 'WITHOUT_RESULT_BARRIER_AND_GUARD', 'refundedAtMostOnce'),
    check(
      'result-contents-ignored',
      'WITHOUT_RESULT_CONTENTS FOREIGN MONEY_ONLY',
      'neverBothRefundedAndCredited',
    ),
    check(
      'result-row-not-rolled-back',
      `WITHOUT_ROLLED_BACK_RESULT_ROW FOREIGN ${MONEY}`,
      'everyDebitedTransferEnds',
    ),
    check('conflict-not-told', `WITHOUT_CONFLICT FOREIGN ${MONEY}`, 'everyDebitedTransferEnds'),
    check(
      'conflict-not-told-at-dismissal',
      `WITHOUT_CONFLICT_AT_DISMISSAL FOREIGN ${MONEY}`,
      'everyDebitedTransferEnds',
    ),
    check('dismissed-result-kept-out', `${DISMISSED_FOR_GOOD} ${MONEY}`, 'everyDebitedTransferEnds'),
    check(
      'dismissed-result-not-refunded',
      `${DISMISSED_FOR_GOOD} ${MONEY} REFUNDS_ONLY`,
      'everyRefusedTransferIsRefunded',
    ),
    check(
      'answer-without-comparing',
      'WITHOUT_COMPARED_CONTENTS_IN_THE_ANSWER BROKER_AWAY CHALLENGER',
      'toldDoneIsTrue',
    ),
  ],
};

/** Reconciliation, or another rule beside it, makes up for the rule that is removed. */
const healed: CheckGroup = {
  title: 'One rule is removed, and what is left still keeps the money right',
  checks: [
    check('no-tombstone-reconciled', 'WITHOUT_TOMBSTONE CHALLENGER MONEY_ONLY'),
    check('rollback-after-unknown-reconciled', 'WITHOUT_UNKNOWN CHALLENGER MONEY_ONLY'),
    check('no-guarded-republishing', 'WITHOUT_GUARDED_UPDATE FOREIGN'),
    check('no-result-barrier', 'WITHOUT_RESULT_BARRIER FOREIGN'),
    check('dismissed-result-reconciled', `${DISMISSED_FOR_GOOD} FOREIGN`),
    check('no-closing-by-history', 'WITHOUT_CLOSING_BY_HISTORY RESULT_LETTERS FOREIGN'),
  ],
};

const reachable: CheckGroup = {
  title: 'Ends that are worth reaching are reached',
  checks: [
    reach('reach-nothing-done', 'nothingDone'),
    reach('reach-completed-after-refusal', 'completedAfterAnotherCallWasRefused'),
    reach('reach-completed-after-fence', 'completedAfterAFence'),
    reach('reach-completed-after-unknown', 'completedAfterUnknown'),
    reach('reach-completed-by-republishing', 'completedByRepublishing'),
    reach('reach-completed-by-result-sent-again', 'completedByAResultSentAgain'),
    reach('reach-refunded-after-refusal', 'refundedAfterARefusal'),
    reach('reach-refunded-after-dismissal', 'refundedAfterADismissal'),
    reach('reach-refunded-because-of-foreigner', 'refundedBecauseOfAForeigner'),
    reach('reach-completed-by-retry', 'completedByATryAfterAnother', RETRIES),
    reach('reach-completed-call-turned-away', 'completedAfterACallWasTurnedAway', RETRIES),
    reach('reach-answered-without-half-message', 'completedAndAnsweredWithoutAHalfMessage', RETRIES),
    reach('reach-completed-result-dismissed', 'completedAfterItsResultWasDismissed', 'RESULT_LETTERS'),
    reach('reach-refunded-result-dismissed', 'refundedAfterItsResultWasDismissed', 'RESULT_LETTERS'),
    reach('reach-closed-by-history', 'letterClosedByItsHistory', 'RESULT_LETTERS'),
  ],
};

const limits: CheckGroup = {
  title: 'Not promised: shown to be false',
  checks: [
    check(
      'nothing-done-under-the-tx-no',
      'CLAIM_ABOUT_THE_TXNO CHALLENGER SAME_CONTENTS',
      'nothingWillBeDoneUnderThisTxNo',
    ),
  ],
};

/** Everything that `npm run model` checks; to add a check, add a line above. */
export const CHECK_GROUPS: readonly CheckGroup[] = [protocol, broken, healed, reachable, limits];
