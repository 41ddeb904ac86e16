/*
 * The protocol of docs/ARCHITECTURE.md, section 3, for one txNo, to be checked by Spin. Read it beside that page,
 * whose section numbers stand at the steps. README.md in this folder says how it is run, what is found, and what is
 * not covered.
 *
 * Every option of a `do` is one step: one message, or one database transaction at the moment it takes effect.
 * Nothing is counted: the world may lose, repeat, delay, purge and crash as often as it likes. A crash is a
 * process that ends early, a delay is a step that is not taken yet. At any moment the world may begin to behave
 * (`theWorldBehaves`, near the end); then everything must come to a good end. The search takes every order of
 * every step, so each promise is checked for all of them.
 *
 * Switches of a configuration:
 *   CHALLENGER         other calls use the same txNo, with other contents; with SAME_CONTENTS: with the same
 *   FOREIGN            a foreign sender puts a message of other contents under our txNo on the topic
 *   TWO_RECONCILERS    two instances may republish at once
 *   LATE_RESOLUTIONS         COMMIT and ROLLBACK reach the broker late, repeatedly and in any order
 *   RETRIES            a local transaction that meets a lock conflict is rolled back and tried again, any number of times
 *   BROKER_AWAY        a half message is not stored for certain: the caller is answered from the barrier alone
 *   RESULT_LETTERS     results become dead letters at bank1, which are re-driven, dismissed, and closed by their history
 *   NO_RECONCILIATION  reconciliation is off, and so is every loss that nothing else heals
 *   MONEY_ONLY         the sharper promises are not looked at
 *   REFUNDS_ONLY       of the ends, only that of a refused transfer is looked at
 *   WITHOUT_…          one rule of the protocol is removed
 *   REACH=…            claims that this end cannot be reached; the "counterexample" shows how it can
 *   CLAIM_…            something that one might take for a promise
 */

/* -------------------------------------------------------------------------------------------- promises ---- */

mtype = {
  creditedOnlyWhatWasDebitedWithTheSameContents,
  creditedAtMostOnce,
  debitedAtMostOnce,
  refundedAtMostOnce,
  neverBothRefundedAndCredited,
  everyDebitedTransferEnds,
  everyRefusedTransferIsRefunded,
  /* Sharper ones: reconciliation hides what breaks most of these (3.6). */
  bothBanksAgreeAtTheEnd,
  noRollbackForAnAttemptThatCommits,
  noCommitForAnAttemptThatDoesNot,
  toldNothingWasDoneIsTrue,
  toldDoneIsTrue,
  /* No promises: see CLAIM_… and REACH. */
  nothingWillBeDoneUnderThisTxNo,
  thisEndCannotBeReached
};

/* Spin prints the condition of an assertion that fails: the name tells which promise it was. */
#define promise(name, condition) assert((condition) || !name)
#ifdef MONEY_ONLY
#define sharperPromise(name, condition) skip
#else
#define sharperPromise(name, condition) promise(name, condition)
#endif

/* ----------------------------------------------------------------------------------------------- state ---- */

#define NONE 0

#if defined(NO_RECONCILIATION) || defined(WITHOUT_RECONCILIATION)
#define reconciliationIsOn false
#else
#define reconciliationIsOn true
#endif
#ifdef NO_RECONCILIATION
#define messagesGetLost false
#else
#define messagesGetLost true
#endif

/* Contents of a message: who pays whom how much. */
#define OURS 1           /* of the call that is debited, if any is */
#define CHALLENGERS 2
#define FOREIGNERS 3

/* Attempts, each with a half message and a local transaction. A number is used again once all of that is over. */
#define FIRST 0
#define SECOND 1         /* of a challenger; the call that is debited is named FIRST, so SECOND never is */
#define REPUBLISH 2      /* of reconciliation */
#define REPUBLISH_TOO 3
#ifdef TWO_RECONCILERS
#define ATTEMPTS 4
#else
#define ATTEMPTS 3
#endif
#define isOfCaller(a) (a < REPUBLISH)
#ifdef SAME_CONTENTS
#define contentsOf(a) (isOfCaller(a) -> OURS : outgoingContents)
#else
#define contentsOf(a) (a == FIRST -> OURS : (a == SECOND -> CHALLENGERS : outgoingContents))
#endif

mtype = { READY, EXECUTING, COMMITTING };               /* how far an attempt's process is */
mtype = { OPEN, COMMIT_SENT, COMMITTED, ROLLED_BACK };  /* its MySQL transaction */
mtype = { COMMIT, TOMBSTONE };                          /* its barrier row (txNo, producer group, attempt) */
mtype = { ASKED, SETTLED };                             /* its half message; SETTLED: no more check-backs */

typedef Attempt {
  mtype process, transaction, row, half;
  bit rollbackSent, toldNothing;        /* seen by the promises only */
  bit commitInFlight, rollbackInFlight  /* LATE_RESOLUTIONS */
};
Attempt attempt[ATTEMPTS];

/* bank1's rows */
mtype = { DEBITED, COMPLETED, REFUNDED };
byte txNoRow;              /* barrier (txNo, producer group, ''): contents, or NONE */
mtype outgoing;            /* outgoing_transfer: state, or NONE */
byte outgoingContents;
byte resultRow;            /* barrier (txNo, result group, ''): a RESULT, or NONE */
#ifdef RESULT_LETTERS
/* By outcome: only a result about our own transfer becomes a dead letter, and that one is OURS. */
bit resultLetter[2];       /* open */
bit resultRedriven[2];     /* its history holds a re-drive that closed it; kept longer than the barrier's row */
#define LETTER(result) (outcomeIn(result) == CREDITED -> 0 : 1)
#endif

/* bank2's rows */
mtype = { CREDITED, REJECTED };
byte bank2Row;             /* barrier (txNo, consumer group, ''): contents, or NONE */
mtype incoming;            /* incoming_transfer: state, or NONE */
byte incomingContents;
bit deadLetter[4];         /* by contents */

/* Messages that consumers can see. ACKNOWLEDGED ones, and those that the broker lost, may come again. */
mtype = { WAITING, ACKNOWLEDGED };
mtype transferMessage[4];  /* by contents */
mtype resultMessage[8];    /* by RESULT */
#define RESULT(outcome, contents) (outcome == CREDITED -> contents : contents + 4)
#define outcomeIn(result) (result < 4 -> CREDITED : REJECTED)
#define contentsIn(result) (result < 4 -> result : result - 4)

bit ourCredit, ourRefund;  /* seen by the promises only */
bit over;
byte i;                    /* 0 outside of a step */

#define inTransaction(a) (attempt[a].transaction == OPEN || attempt[a].transaction == COMMIT_SENT)
#define txNoRowLocked (inTransaction(FIRST) || inTransaction(SECOND))
#ifdef TWO_RECONCILERS
#define outgoingLocked (txNoRowLocked || inTransaction(REPUBLISH) || inTransaction(REPUBLISH_TOO))
#else
#define outgoingLocked (txNoRowLocked || inTransaction(REPUBLISH))
#endif

/* What the REACH claims speak of. */
#ifdef REACH
bit refusedBefore, fencedBefore, unknownBefore, republished, deliveredByFirst, sentAgain, dismissed;
bit triedAgainBefore, turnedAwayBefore, answeredBefore, resultDismissed, closedByHistory;
#define remember(what, condition) what = what || (condition)
#else
#define remember(what, condition) skip
#endif

/*
 * What nobody can read any more is forgotten, which changes nothing but the number of states. A purge of attempt
 * rows needs no step of its own therefore: they are older than the retention only when their half message is, and
 * then check-backs do not read them (3.2).
 */
inline forget(a) {
  if
  :: attempt[a].process == NONE && !inTransaction(a) ->
     attempt[a].rollbackSent = 0;
     attempt[a].toldNothing = 0;
     attempt[a].transaction = (attempt[a].transaction == COMMITTED -> COMMITTED : NONE);
     if
     :: attempt[a].half != ASKED && !attempt[a].commitInFlight && !attempt[a].rollbackInFlight ->
        attempt[a].half = NONE;
        attempt[a].row = NONE;
        attempt[a].transaction = NONE
     :: else -> skip
     fi
  :: else -> skip
  fi
}

/* ------------------------------------------------------------------------- the broker's half messages ---- */

/* COMMIT makes the message visible, even after a ROLLBACK, another COMMIT or the last check. */
inline receiveCommit(a) {
  if
  :: attempt[a].half != NONE ->
     attempt[a].half = SETTLED;
     transferMessage[contentsOf(a)] = WAITING;
     remember(deliveredByFirst, a == FIRST)
  :: else -> skip
  fi
}

inline receiveRollback(a) {
  if
  :: attempt[a].half == ASKED -> attempt[a].half = SETTLED
  :: else -> skip
  fi
}

/*
 * A resolution arrives at once or never: one that is late does no more than one that is lost and a later check-back, and
 * a repeated COMMIT no more than a redelivery. LATE_RESOLUTIONS does without this argument.
 */
inline sendCommit(a) {
  sharperPromise(noCommitForAnAttemptThatDoesNot, attempt[a].transaction == COMMITTED);
#ifdef LATE_RESOLUTIONS
  attempt[a].commitInFlight = 1
#else
  receiveCommit(a)
#endif
}

inline sendRollback(a) {
  attempt[a].rollbackSent = 1;
  sharperPromise(noRollbackForAnAttemptThatCommits, attempt[a].transaction != COMMITTED);
#ifdef LATE_RESOLUTIONS
  attempt[a].rollbackInFlight = 1
#else
  receiveRollback(a)
#endif
}

/* ---------------------------------------------------------------- 3.2 the exact answer, and check-back ---- */

#ifndef WITHOUT_FENCE_PER_ATTEMPT
/* The attempt's row; where there is none, a tombstone. While the row is locked the answer is UNKNOWN. */
#define canResolve(a) (!inTransaction(a))
#define resolvedToCommit(a) (attempt[a].row == COMMIT)
inline resolve(a) {
  if
  :: attempt[a].row == NONE ->
#ifdef WITHOUT_TOMBSTONE
     skip
#else
     attempt[a].row = TOMBSTONE
#endif
  :: else -> skip
  fi
}
#else
/* Broken: the row of the txNo is asked, and the tombstone is put there. */
#define FENCED 9
#define canResolve(a) (isOfCaller(a) -> !txNoRowLocked : !inTransaction(a))
#define resolvedToCommit(a) (isOfCaller(a) -> txNoRow != FENCED : attempt[a].row == COMMIT)
inline resolve(a) {
  if
  :: isOfCaller(a) && txNoRow == NONE -> txNoRow = FENCED
  :: !isOfCaller(a) && attempt[a].row == NONE -> attempt[a].row = TOMBSTONE
  :: else -> skip
  fi
}
#endif

#define canCheckBack(a) (attempt[a].half == ASKED && canResolve(a))
inline checkBack(a) {
  resolve(a);
  if
  :: resolvedToCommit(a) -> sendCommit(a)
  :: else -> sendRollback(a)
  fi;
  forget(a)
}

/* ----------------------------------------------------------------- 3.1 sending, and 3.5 republishing ---- */

/* Speaks of this attempt; another one under the same txNo has a resolution of its own. */
inline tellNothingWasDone(a) {
  attempt[a].toldNothing = isOfCaller(a);
  sharperPromise(toldNothingWasDoneIsTrue, attempt[a].transaction != COMMITTED)
}

inline tellDone(a) {
  sharperPromise(toldDoneIsTrue, !isOfCaller(a) || (outgoing != NONE && outgoingContents == contentsOf(a)))
}

/* Also a crash, a resolution that is lost, an answer UNKNOWN: the half message is left to check-back. */
inline endProcess(a) {
  remember(unknownBefore, attempt[a].transaction == COMMIT_SENT);
  attempt[a].process = NONE;
  forget(a)
}

/* A reconciler may act on a 404 that it got long ago, so it may republish at any moment after the debit. */
#define isFree(a) (attempt[a].process == NONE && attempt[a].half == NONE && attempt[a].transaction == NONE)
#define canSendHalfMessage(a) (isFree(a) && (isOfCaller(a) || (reconciliationIsOn && outgoing != NONE)) \
  && (a != REPUBLISH_TOO || !isFree(REPUBLISH)))
inline sendHalfMessage(a) {
  attempt[a].half = ASKED;
  attempt[a].process = READY
}

/* Refused by the listener, failed, not let in by a lock (1205), fenced: all before the database's COMMIT. */
#define canFailBeforeCommit(a) (attempt[a].process == EXECUTING || (attempt[a].process == READY && txNoRowLocked))
#ifndef WITHOUT_UNKNOWN
#define canFail(a) canFailBeforeCommit(a)
#else
/* Broken: an error at COMMIT means ROLLBACK too. */
#define canFail(a) (canFailBeforeCommit(a) || attempt[a].process == COMMITTING)
#endif
inline fail(a) {
  remember(refusedBefore, a == SECOND && attempt[a].process == EXECUTING && outgoing == NONE);
#ifdef CLAIM_ABOUT_THE_TXNO
  promise(nothingWillBeDoneUnderThisTxNo, a != SECOND || attempt[FIRST].transaction != COMMIT_SENT);
#endif
  tellNothingWasDone(a);
  sendRollback(a);
  endProcess(a)
}

#ifdef RETRIES
/*
 * A lock conflict (1213, 1205): rolled back, and once more with the same half message. Where the connection broke,
 * the server may notice late, and the next try then waits for the locks of its own predecessor. The five tries of the
 * code are any number here.
 */
#define canTryAgain(a) (attempt[a].process == EXECUTING)
inline tryAgain(a) {
  attempt[a].process = READY;
  remember(triedAgainBefore, a == FIRST)
}

/*
 * The last try was kept out by locks, or met rows that are gone again. Somebody else's row of this txNo, or its lock:
 * the answer is UNKNOWN, since "nothing was done" would be true of this call only.
 */
#define canGiveUp(a) (attempt[a].process == READY)
inline giveUp(a) {
  if
  :: isOfCaller(a) && (txNoRowLocked || txNoRow != NONE) ->
     remember(turnedAwayBefore, a == SECOND && outgoing == NONE);
     sendRollback(a);
     endProcess(a)
  :: else -> fail(a)
  fi
}
#endif

#ifdef BROKER_AWAY
#define canAnswerWithoutHalfMessage(a) (isOfCaller(a) && attempt[a].process == READY \
  && attempt[a].transaction == NONE)
/*
 * This call does nothing. An earlier one may have: the barrier's row of the txNo answers, and where it is locked the
 * answer is UNKNOWN. A half message that was stored all the same is left to check-back.
 */
inline answerFromBarrier(a) {
  if
  :: txNoRowLocked -> skip
#ifdef WITHOUT_COMPARED_CONTENTS_IN_THE_ANSWER
  :: !txNoRowLocked && txNoRow != NONE -> tellDone(a)
#else
  :: !txNoRowLocked && txNoRow == contentsOf(a) ->
     remember(answeredBefore, outgoing == DEBITED);
     tellDone(a)
#endif
  :: else -> tellNothingWasDone(a)
  fi
}
#endif

/* The barrier row may have been purged, outgoing_transfer never is. */
#ifndef WITHOUT_OUTGOING_CHECK
#define txNoIsTaken (txNoRow != NONE || outgoing != NONE)
#else
#define txNoIsTaken (txNoRow != NONE)
#endif

/* 2a. A caller's attempt inserts two rows; reconciliation's only its own, and makes the guarded update. */
#define canEnterBarrier(a) (attempt[a].process == READY && (isOfCaller(a) -> !txNoRowLocked : !outgoingLocked))
inline enterBarrier(a) {
  if
  :: isOfCaller(a) && txNoIsTaken ->
     /* Another attempt has done it. */
     if
#ifndef WITHOUT_COMPARED_CONTENTS
     :: outgoing != NONE && outgoingContents == contentsOf(a) -> tellDone(a)
#else
     :: outgoing != NONE -> tellDone(a)
#endif
     :: else -> tellNothingWasDone(a)
     fi;
     sendRollback(a);
     endProcess(a)
  :: !(isOfCaller(a) && txNoIsTaken) && attempt[a].row == TOMBSTONE ->
     remember(fencedBefore, outgoing == NONE);
     fail(a)
#ifndef WITHOUT_GUARDED_UPDATE
  :: !isOfCaller(a) && attempt[a].row == NONE && outgoing != DEBITED -> fail(a)
#endif
  :: else ->
     attempt[a].transaction = OPEN;
     attempt[a].process = EXECUTING
  fi
}

/* 2c. */
#define canSendDatabaseCommit(a) (attempt[a].process == EXECUTING)
inline sendDatabaseCommit(a) {
  attempt[a].transaction = COMMIT_SENT;
  attempt[a].process = COMMITTING
}

#ifdef WITHOUT_DESTROYED_CONNECTION
/* Broken (3.6): a connection with an open transaction goes back to the pool; the next START TRANSACTION commits. */
#define canApplyCommit(a) ((a != SECOND || outgoing != NONE) \
  && (attempt[a].transaction == COMMIT_SENT || (attempt[a].transaction == OPEN && attempt[a].process == NONE)))
#else
#define canApplyCommit(a) (attempt[a].transaction == COMMIT_SENT && (a != SECOND || outgoing != NONE))
#endif
inline applyCommit(a) {
  attempt[a].transaction = COMMITTED;
  attempt[a].row = COMMIT;
  remember(republished, !isOfCaller(a));
  if
  :: isOfCaller(a) ->
     promise(debitedAtMostOnce, outgoing == NONE);
     txNoRow = contentsOf(a);
     outgoing = DEBITED;
     outgoingContents = contentsOf(a)
  :: else -> skip
  fi;
  sharperPromise(toldNothingWasDoneIsTrue, !attempt[a].toldNothing);
  sharperPromise(noRollbackForAnAttemptThatCommits, !attempt[a].rollbackSent);
  forget(a)
}

/* A lost connection, wait_timeout, a restart of MySQL. */
#ifndef RETRIES
#define isLetGo(a) (attempt[a].process == NONE)
#else
#define isLetGo(a) (attempt[a].process != EXECUTING)
#endif
#define canRollBack(a) (attempt[a].transaction == COMMIT_SENT || (attempt[a].transaction == OPEN && isLetGo(a)))
inline rollBack(a) {
  attempt[a].transaction = ROLLED_BACK;
  forget(a)
}

/* Confirmed; or an error, and then resolved on another connection. */
#define canLearnOutcome(a) (attempt[a].process == COMMITTING && canResolve(a))
inline learnOutcome(a) {
  resolve(a);
  if
  :: resolvedToCommit(a) ->
     tellDone(a);
     sendCommit(a);
     endProcess(a)
  :: else -> fail(a)
  fi
}

/* ---------------------------------------------------------- 3.3 consuming at bank2, and 3.4 its outbox ---- */

/*
 * WAITING means in the outbox or on the topic: a relay that is late is a delay, one that crashes before it marks the
 * row repeats a message. Nobody here waits for a result about a foreign message, but it may come.
 */
inline publishResult(outcome, contents) {
  resultMessage[RESULT(outcome, contents)] = (contents == FOREIGNERS -> ACKNOWLEDGED : WAITING)
}

inline credit(contents) {
  incoming = CREDITED;
  if
  :: contents != FOREIGNERS ->
     promise(creditedOnlyWhatWasDebitedWithTheSameContents, outgoing != NONE && outgoingContents == contents);
     promise(creditedAtMostOnce, !ourCredit);
     promise(neverBothRefundedAndCredited, !ourRefund);
     ourCredit = 1
  :: else -> skip
  fi
}

/* Dead letter TX_NO_CONFLICT, and bank1 is told: these contents will never be credited. */
inline conflict(contents) {
#ifndef WITHOUT_CONFLICT
  deadLetter[contents] = (contents != FOREIGNERS);
  publishResult(REJECTED, contents)
#else
  skip
#endif
}

/* One transaction: barrier, incoming_transfer (3.5), account, result. */
inline consume(contents, payeeAccepts) {
  if
  :: bank2Row == contents -> skip
  :: bank2Row != contents && bank2Row != NONE -> conflict(contents)
#ifndef WITHOUT_INCOMING_CHECK
  :: bank2Row == NONE && incoming != NONE && incomingContents != contents -> conflict(contents)
  :: bank2Row == NONE && incoming != NONE && incomingContents == contents ->
     bank2Row = contents;
     publishResult(incoming, contents);
     remember(sentAgain, contents == OURS)
#endif
  :: else ->
     bank2Row = contents;
     incomingContents = contents;
     if
     :: payeeAccepts -> credit(contents)
     :: else -> incoming = REJECTED
     fi;
     publishResult(incoming, contents)
  fi
}

#define canReceive(contents) (transferMessage[contents] != NONE)
inline acknowledge(contents) {
  transferMessage[contents] = ACKNOWLEDGED
}

/* The handler's attempts are used up, or the message is older than the retention. */
inline bury(contents) {
  if
  :: bank2Row == contents || (incoming != NONE && incomingContents == contents) -> skip
  :: else -> deadLetter[contents] = 1
  fi;
  acknowledge(contents)
}

/* Its history would close it unhandled after a re-drive that was done; but what was done has its incoming_transfer. */
inline redrive(contents, payeeAccepts) {
  deadLetter[contents] = 0;
  consume(contents, payeeAccepts)
}

/* The same transaction as a refusal (3.5). */
inline dismiss(contents) {
  deadLetter[contents] = 0;
  remember(dismissed, contents == OURS && incoming == NONE);
#if defined(WITHOUT_REFUND_FENCE)
  publishResult(REJECTED, contents)
#elif defined(WITHOUT_DISMISSAL_LOOKING_AT_INCOMING)
  if
  :: bank2Row == NONE -> bank2Row = contents; publishResult(REJECTED, contents)
  :: else -> skip
  fi
#else
  if
  :: incoming == NONE ->
     bank2Row = contents;
     incoming = REJECTED;
     incomingContents = contents
  :: else -> skip
  fi;
  if
  :: incomingContents == contents -> publishResult(incoming, contents)
#ifdef WITHOUT_CONFLICT_AT_DISMISSAL
  :: else -> publishResult(incoming, incomingContents)
#else
  :: else -> publishResult(REJECTED, contents)
#endif
  fi
#endif
}

/* ----------------------------------------------------------------- 3.5 results and reconciliation at bank1 ---- */

inline refund() {
  promise(refundedAtMostOnce, !ourRefund);
  promise(neverBothRefundedAndCredited, !ourCredit);
  outgoing = REFUNDED;
  ourRefund = 1
}

inline finish(outcome) {
  if
  :: outcome == CREDITED -> outgoing = COMPLETED
  :: else -> refund()
  fi
}

/* 0 rows where the state is no longer DEBITED; other contents: acknowledged, and the barrier row is rolled back. */
#define canReceiveResult(result) (resultMessage[result] != NONE && !outgoingLocked)
inline consumeResult(result) {
  if
#ifdef WITHOUT_RESULT_BARRIER_AND_GUARD
  :: outgoing != NONE && outgoingContents == contentsIn(result) -> finish(outcomeIn(result))
#else
#ifdef WITHOUT_RESULT_CONTENTS
  :: resultRow == NONE && outgoing != NONE ->
#else
  :: resultRow == NONE && outgoing != NONE && outgoingContents == contentsIn(result) ->
#endif
#ifndef WITHOUT_RESULT_BARRIER
     resultRow = result;
#endif
     if
     :: outgoing == DEBITED -> finish(outcomeIn(result))
     :: else -> skip
     fi
#endif
#ifdef WITHOUT_ROLLED_BACK_RESULT_ROW
  :: resultRow == NONE && (outgoing == NONE || outgoingContents != contentsIn(result)) -> resultRow = result
#endif
  :: else -> skip
  fi
}

/* Another result under the txNo: a dead letter at once, if it is about our transfer. */
#define contradictsAnother(result) (resultRow != NONE && resultRow != result)
#ifdef RESULT_LETTERS
#define concernsUs(result) (outgoing != NONE && outgoingContents == contentsIn(result))

/* The handler's attempts are used up, or the message is older than the retention. */
inline buryResult(result) {
  if
  :: concernsUs(result) && resultRow != result -> resultLetter[LETTER(result)] = 1
  :: else -> skip
  fi
}

/* Through the same barrier and handler. One that was re-driven before, and came again after a purge, is done. */
#ifdef WITHOUT_CLOSING_BY_HISTORY
#define isClosedByHistory(result) false
#else
#define isClosedByHistory(result) (resultRedriven[LETTER(result)])
#endif
inline redriveResult(result) {
  remember(closedByHistory, isClosedByHistory(result));
  if
  :: !isClosedByHistory(result) && contradictsAnother(result) -> skip
  :: else ->
     if
     :: !isClosedByHistory(result) -> consumeResult(result)
     :: else -> skip
     fi;
     resultLetter[LETTER(result)] = 0;
     resultRedriven[LETTER(result)] = 1
  fi
}

/* Leaves no barrier row: the result may come again, from the topic or the outbox, and reconciliation asks bank2. */
inline dismissResult(result) {
  remember(resultDismissed, outgoing == DEBITED);
  resultLetter[LETTER(result)] = 0;
#ifdef WITHOUT_DISMISSED_RESULTS_THAT_MAY_COME_AGAIN
  if
  :: resultRow == NONE -> resultRow = result
  :: else -> skip
  fi
#endif
}

/* Consumed, or a contradiction. */
inline receiveResult(result) {
  if
  :: contradictsAnother(result) -> buryResult(result)
  :: else -> consumeResult(result)
  fi
}
#else
#define receiveResult(result) consumeResult(result)
#endif

inline acknowledgeResult(result) {
  if
  :: resultMessage[result] == WAITING -> resultMessage[result] = ACKNOWLEDGED
  :: else -> skip
  fi
}

/* What bank2 has recorded never changes, so looking it up and acting on it can be one step. A 404: republish. */
#ifndef WITHOUT_REPUBLISHING
#define reconciliationActsOn404 false
#else
/* Broken: bank2 does not know it, so the payer gets the money back. */
#define reconciliationActsOn404 true
#endif
#define canReconcile (reconciliationIsOn && outgoing == DEBITED && !outgoingLocked \
  && (incoming != NONE || reconciliationActsOn404))
inline reconcile() {
  if
  :: incomingContents == outgoingContents -> finish(incoming)
  :: else -> refund()
  fi
}

/* ------------------------------------------------------------------------------------ when all is well ---- */

#define bothBanksAgree ( \
  (outgoing == NONE -> !ourCredit && !ourRefund : true) && \
  (outgoing == COMPLETED -> ourCredit && !ourRefund \
    && incoming == CREDITED && incomingContents == outgoingContents : true) && \
  (outgoing == REFUNDED -> ourRefund && !ourCredit && incoming != NONE \
    && (incoming == REJECTED || incomingContents != outgoingContents) : true))

#define settle(a) \
     :: attempt[a].process != NONE -> endProcess(a) \
     :: inTransaction(a) -> rollBack(a) \
     :: attempt[a].commitInFlight -> receiveCommit(a); attempt[a].commitInFlight = 0; forget(a) \
     :: attempt[a].rollbackInFlight -> receiveRollback(a); attempt[a].rollbackInFlight = 0; forget(a) \
     :: canCheckBack(a) -> checkBack(a)
#define deliver(contents) \
     :: transferMessage[contents] == WAITING -> consume(contents, true); acknowledge(contents)
#define deliverResult(result) \
     :: resultMessage[result] == WAITING -> receiveResult(result); acknowledgeResult(result)
#ifdef RESULT_LETTERS
/* Without reconciliation the operator sees to open letters, and publishes again what the outbox has sent before. */
#define healResult(result) \
     :: !reconciliationIsOn && outgoing == DEBITED && resultLetter[LETTER(result)] -> redriveResult(result) \
     :: !reconciliationIsOn && outgoing == DEBITED && resultMessage[result] == ACKNOWLEDGED -> \
        resultMessage[result] = WAITING
#else
#define healResult(result)
#endif

/* All ends are made one state. */
inline endTheSearchHere() {
  over = 1;
  txNoRow = NONE;
  outgoing = NONE;
  outgoingContents = NONE;
  resultRow = NONE;
  bank2Row = NONE;
  incoming = NONE;
  incomingContents = NONE;
  ourCredit = 0;
  ourRefund = 0;
  i = 0;
  do
  :: i < 8 ->
     resultMessage[i] = NONE;
     if
     :: i < 4 -> transferMessage[i] = NONE; deadLetter[i] = 0
     :: else -> skip
     fi;
     i++
  :: else -> break
  od;
#ifdef RESULT_LETTERS
  resultLetter[0] = 0;
  resultLetter[1] = 0;
  resultRedriven[0] = 0;
  resultRedriven[1] = 0;
#endif
  i = 0
}

/* Ends that are worth reaching, for -DREACH=… */
#define completedByRepublishing (outgoing == COMPLETED && republished && !deliveredByFirst)
#define completedAfterAnotherCallWasRefused (outgoing == COMPLETED && refusedBefore)
#define completedAfterAFence (outgoing == COMPLETED && fencedBefore)
#define completedAfterUnknown (outgoing == COMPLETED && unknownBefore && !republished)
#define completedByAResultSentAgain (outgoing == COMPLETED && sentAgain)
#define refundedAfterARefusal (outgoing == REFUNDED && incomingContents == OURS && !dismissed)
#define refundedAfterADismissal (outgoing == REFUNDED && dismissed)
#define refundedBecauseOfAForeigner (outgoing == REFUNDED && incomingContents == FOREIGNERS)
#define completedByATryAfterAnother (outgoing == COMPLETED && triedAgainBefore && !republished)
#define completedAfterACallWasTurnedAway (outgoing == COMPLETED && turnedAwayBefore)
#define completedAndAnsweredWithoutAHalfMessage (outgoing == COMPLETED && answeredBefore)
#define completedAfterItsResultWasDismissed (outgoing == COMPLETED && resultDismissed)
#define refundedAfterItsResultWasDismissed (outgoing == REFUNDED && resultDismissed)
#define letterClosedByItsHistory (outgoing == REFUNDED && closedByHistory)
#define nothingDone (outgoing == NONE && refusedBefore)

/*
 * From any state: processes that crashed or hang are gone, their transactions end, check-backs are answered, messages
 * are delivered, bank1 reconciles; nobody needs to look at a dead letter unless reconciliation is off. All of it
 * one step, because the search has taken every other order already. It must end, with nothing left to do.
 */
inline theWorldBehaves() {
  i = 0;
  do
  :: i < 100 ->
     i++;
     if
     settle(FIRST)
     settle(SECOND)
     settle(REPUBLISH)
#ifdef TWO_RECONCILERS
     settle(REPUBLISH_TOO)
#endif
     deliver(OURS)
     deliver(CHALLENGERS)
     deliverResult(RESULT(CREDITED, OURS))
     deliverResult(RESULT(REJECTED, OURS))
     deliverResult(RESULT(CREDITED, CHALLENGERS))
     deliverResult(RESULT(REJECTED, CHALLENGERS))
     healResult(RESULT(CREDITED, OURS))
     healResult(RESULT(REJECTED, OURS))
     :: canReconcile -> reconcile()
     :: reconciliationIsOn && outgoing == DEBITED && incoming == NONE ->
        sendHalfMessage(REPUBLISH);
        enterBarrier(REPUBLISH);
        sendDatabaseCommit(REPUBLISH);
        applyCommit(REPUBLISH);
        learnOutcome(REPUBLISH)
     :: !reconciliationIsOn && outgoing == DEBITED && deadLetter[OURS] -> redrive(OURS, true)
     :: else -> break
     fi
  :: else -> break
  od;
#ifndef REFUNDS_ONLY
  promise(everyDebitedTransferEnds, i < 100 && outgoing != DEBITED);
#endif
  promise(everyRefusedTransferIsRefunded, !(outgoing == DEBITED && incoming == REJECTED));
  sharperPromise(bothBanksAgreeAtTheEnd, bothBanksAgree);
#ifdef REACH
  promise(thisEndCannotBeReached, !(REACH));
#endif
  endTheSearchHere()
}

/* ------------------------------------------------------------------------------------------- the world ---- */

proctype attemptAtBank1(byte a) provided (!over) {
end:
  do
  /* Its process. */
  :: d_step { canSendHalfMessage(a) -> printf("attempt %d sends its half message\n", a); sendHalfMessage(a) }
  :: d_step { canEnterBarrier(a) -> printf("attempt %d enters the barrier\n", a); enterBarrier(a) }
  :: d_step { canFail(a) -> printf("attempt %d is refused or fails\n", a); fail(a) }
  :: d_step { canSendDatabaseCommit(a) -> printf("attempt %d sends COMMIT to MySQL\n", a); sendDatabaseCommit(a) }
  :: d_step { canLearnOutcome(a) -> printf("attempt %d learns its outcome\n", a); learnOutcome(a) }
  :: d_step { attempt[a].process != NONE -> printf("the process of attempt %d ends\n", a); endProcess(a) }
#ifdef RETRIES
  :: d_step { canTryAgain(a) -> printf("attempt %d meets a lock conflict and tries again\n", a); tryAgain(a) }
  :: d_step { canGiveUp(a) -> printf("attempt %d gives up\n", a); giveUp(a) }
#endif
#ifdef BROKER_AWAY
  :: d_step { canSendHalfMessage(a) && isOfCaller(a) ->
       printf("attempt %d cannot send its half message, and is answered from the barrier\n", a);
       answerFromBarrier(a); forget(a) }
  :: d_step { canAnswerWithoutHalfMessage(a) ->
       printf("attempt %d does not learn that its half message is stored, and is answered from the barrier\n", a);
       answerFromBarrier(a); endProcess(a) }
#endif
  /* MySQL. */
  :: d_step { canApplyCommit(a) -> printf("MySQL commits attempt %d\n", a); applyCommit(a) }
  :: d_step { canRollBack(a) -> printf("MySQL rolls attempt %d back\n", a); rollBack(a) }
  /* Check-back by any instance, at any time, and once more with its answer lost. */
  :: d_step { canCheckBack(a) -> printf("check-back of attempt %d\n", a); checkBack(a) }
  :: d_step { canCheckBack(a) -> printf("check-back of attempt %d; its answer is lost\n", a); resolve(a) }
  /* The last check-back; or older than the retention, UNKNOWN from now on; or lost with the broker's store. */
  :: d_step { messagesGetLost && attempt[a].half == ASKED ->
       printf("the half message of attempt %d is dropped\n", a); attempt[a].half = SETTLED; forget(a) }
#ifdef LATE_RESOLUTIONS
  /* Each arrives any number of times, until no more of it is on its way. */
  :: d_step { attempt[a].commitInFlight -> printf("COMMIT of attempt %d arrives\n", a);
       receiveCommit(a); forget(a) }
  :: d_step { attempt[a].rollbackInFlight -> printf("ROLLBACK of attempt %d arrives\n", a);
       receiveRollback(a); forget(a) }
  :: d_step { attempt[a].commitInFlight -> attempt[a].commitInFlight = 0; forget(a) }
  :: d_step { attempt[a].rollbackInFlight -> attempt[a].rollbackInFlight = 0; forget(a) }
#endif
#ifdef WITHOUT_AGE_RULE
  /* Broken: the rows of old attempts are purged, and check-backs judge their half messages all the same. */
  :: d_step { attempt[a].process == NONE && !inTransaction(a) && attempt[a].row != NONE ->
       printf("the row of attempt %d is purged\n", a); attempt[a].row = NONE }
#endif
  od
}

proctype transferMessagesAtBank2(byte contents) provided (!over) {
end:
  do
  :: d_step { canReceive(contents) -> printf("bank2 consumes message %d\n", contents);
       consume(contents, true); acknowledge(contents) }
  :: d_step { canReceive(contents) -> printf("bank2 consumes message %d, refusing\n", contents);
       consume(contents, false); acknowledge(contents) }
  :: d_step { canReceive(contents) -> printf("bank2 consumes message %d, not acknowledged\n", contents);
       consume(contents, true) }
  :: d_step { canReceive(contents) -> printf("bank2 consumes message %d, refusing, not acknowledged\n", contents);
       consume(contents, false) }
  :: d_step { canReceive(contents) -> printf("bank2 makes message %d a dead letter\n", contents); bury(contents) }
  :: d_step { messagesGetLost && transferMessage[contents] == WAITING -> printf("message %d is lost\n", contents);
       transferMessage[contents] = ACKNOWLEDGED }
  /* The operator. */
  :: d_step { deadLetter[contents] -> printf("dead letter %d is re-driven\n", contents); redrive(contents, true) }
  :: d_step { deadLetter[contents] -> printf("dead letter %d is re-driven and refused\n", contents);
       redrive(contents, false) }
  :: d_step { deadLetter[contents] -> printf("dead letter %d is dismissed\n", contents); dismiss(contents) }
  od
}

/* A foreign message may come at any time, again and again, and may be among the dead letters from the beginning. */
proctype foreignMessagesAtBank2() provided (!over) {
end:
  do
  :: d_step { true -> printf("bank2 consumes the foreign message\n"); consume(FOREIGNERS, true) }
  :: d_step { true -> printf("bank2 consumes the foreign message, refusing\n"); consume(FOREIGNERS, false) }
  :: d_step { true -> printf("the foreign message is dismissed\n"); dismiss(FOREIGNERS) }
  od
}

proctype resultMessages(byte result) provided (!over) {
end:
  do
  :: d_step { canReceiveResult(result) -> printf("bank1 consumes result %d\n", result);
       receiveResult(result); acknowledgeResult(result) }
  :: d_step { canReceiveResult(result) -> printf("bank1 consumes result %d, not acknowledged\n", result);
       receiveResult(result) }
#ifdef RESULT_LETTERS
  :: d_step { canReceiveResult(result) -> printf("bank1 makes result %d a dead letter\n", result);
       buryResult(result); acknowledgeResult(result) }
  /* The operator. */
  :: d_step { contentsIn(result) == OURS && resultLetter[LETTER(result)] && !outgoingLocked ->
       printf("dead letter of result %d is re-driven\n", result); redriveResult(result) }
  :: d_step { contentsIn(result) == OURS && resultLetter[LETTER(result)] ->
       printf("dead letter of result %d is dismissed\n", result); dismissResult(result) }
#endif
  :: d_step { messagesGetLost && resultMessage[result] == WAITING -> printf("result %d is lost\n", result);
       resultMessage[result] = ACKNOWLEDGED }
  od
}

proctype maintenance() provided (!over) {
end:
  do
  :: d_step { canReconcile -> printf("bank1 reconciles\n"); reconcile() }
  :: d_step { txNoRow != NONE -> printf("bank1 purges the row of the txNo\n"); txNoRow = NONE }
  :: d_step { resultRow != NONE -> printf("bank1 purges the row of the result\n"); resultRow = NONE }
  :: d_step { bank2Row != NONE -> printf("bank2 purges its row\n"); bank2Row = NONE }
  :: d_step { true -> printf("the world behaves\n"); theWorldBehaves() }
  od
}

init {
  atomic {
    run attemptAtBank1(FIRST);
    run attemptAtBank1(REPUBLISH);
    run transferMessagesAtBank2(OURS);
    run resultMessages(RESULT(CREDITED, OURS));
    run resultMessages(RESULT(REJECTED, OURS));
#ifdef CHALLENGER
    run attemptAtBank1(SECOND);
#ifndef SAME_CONTENTS
    run transferMessagesAtBank2(CHALLENGERS);
    run resultMessages(RESULT(CREDITED, CHALLENGERS));
    run resultMessages(RESULT(REJECTED, CHALLENGERS));
#endif
#endif
#ifdef TWO_RECONCILERS
    run attemptAtBank1(REPUBLISH_TOO);
#endif
#ifdef FOREIGN
    run foreignMessagesAtBank2();
    run resultMessages(RESULT(CREDITED, FOREIGNERS));
    run resultMessages(RESULT(REJECTED, FOREIGNERS));
#endif
    run maintenance()
  }
}
