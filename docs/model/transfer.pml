/*
 * The protocol of DESIGN 3 for one txNo, to be checked by Spin. Read it beside DESIGN 3: its numbers stand at the
 * steps. README.md in this folder says how it is run, and what it does not cover.
 *
 * Each option of a `do` is one step: one message, or one database transaction at the moment it takes effect.
 * Nothing is counted: the world may lose, repeat, delay, purge and crash as often as it likes. A crash is a
 * process that ends early; a delay is a step that comes late or never. At any moment the world may begin to behave
 * (`behave`, at the end), and then everything must come to its end.
 *
 * Switches of a configuration:
 *   CHALLENGER         other calls use the same txNo, with other contents (with SAME_CONTENTS: with the same)
 *   FOREIGN            a foreign sender puts a message of other contents under our txNo on the topic
 *   TWO_REPUBLISHERS   two instances may reconcile at once
 *   LATE_FATES         COMMIT and ROLLBACK may reach the broker late, again, and in any order
 *   NO_RECONCILIATION  reconciliation is off, and so is every loss that nothing else heals
 *   MONEY_ONLY         the sharper promises are not looked at
 *   WITHOUT_…          one rule is taken out: must find a counterexample
 *   REACH_…            claims that an interesting end cannot be reached: must find a "counterexample"
 */

/* -------------------------------------------------------------------------------------------- promises ---- */

mtype = {
  creditedOnlyWhatWasDebitedWithTheSameContents,
  creditedAtMostOnce,
  debitedAtMostOnce,
  refundedAtMostOnce,
  neverBothRefundedAndCredited,
  everyDebitedTransferEnds,
  bothBanksAgreeAtTheEnd,
  /* Sharper ones, because reconciliation hides what breaks them (3.6). */
  noRollbackForAnAttemptThatCommits,
  noCommitForAnAttemptThatDoesNot,
  toldNothingWasDoneIsTrue,
  toldDoneIsTrue,
  /* The opposite of a promise, for REACH_…. */
  thisEndCannotBeReached
};

/* The name makes Spin print which promise was broken. */
#define promise(name, condition) assert((condition) || !name)
#ifdef MONEY_ONLY
#define sharperPromise(name, condition) skip
#else
#define sharperPromise(name, condition) promise(name, condition)
#endif

/* ----------------------------------------------------------------------------------------------- state ---- */

#define NONE 0
#define FENCED 9
#ifdef NO_RECONCILIATION
#define RECONCILIATION false
#else
#define RECONCILIATION true
#endif

/* Contents of a message: who pays whom how much. */
#define OURS 1           /* of the call that is debited, if any is */
#define CHALLENGERS 2
#define FOREIGNERS 3

/* Attempts, each with its half message and its local transaction. A number is used again when all is over. */
#define FIRST 0
#define SECOND 1         /* a challenger's; it never debits first, because the call that does is named FIRST */
#define REPUBLISH 2      /* reconciliation's */
#define REPUBLISH_TOO 3
#ifdef TWO_REPUBLISHERS
#define ATTEMPTS 4
#else
#define ATTEMPTS 3
#endif
#define isCallers(a) (a < REPUBLISH)
#ifdef SAME_CONTENTS
#define contentsOf(a) (isCallers(a) -> OURS : outgoingContents)
#else
#define contentsOf(a) (a == FIRST -> OURS : (a == SECOND -> CHALLENGERS : outgoingContents))
#endif

mtype = { READY, EXECUTING, COMMITTING };               /* how far an attempt's process is */
mtype = { OPEN, COMMIT_SENT, COMMITTED, ROLLED_BACK };  /* its MySQL transaction */
mtype = { COMMIT, TOMBSTONE };                          /* its barrier row (txNo, producer group, attempt) */
mtype = { ASKED, SETTLED };                             /* its half message; SETTLED: no check-backs any more */

typedef Attempt {
  mtype process, transaction, row, half;
  bit rollbackSent, toldNothing;        /* seen only by the promises */
  bit commitInFlight, rollbackInFlight  /* LATE_FATES */
};
Attempt attempt[ATTEMPTS];

/* bank1's rows */
mtype = { DEBITED, COMPLETED, REFUNDED };
byte txNoRow;              /* barrier (txNo, producer group, ''): contents or NONE */
mtype outgoing;            /* outgoing_transfer */
byte outgoingContents;
byte resultRow;            /* barrier (txNo, result group, ''): RESULT or NONE */

/* bank2's rows */
mtype = { CREDITED, REJECTED };
byte bank2Row;             /* barrier (txNo, consumer group, ''): contents or NONE */
mtype incoming;            /* incoming_transfer */
byte incomingContents;
bit deadLetter[4];         /* by contents */

/* The topics. IN_OUTBOX: in bank2's local_message, perhaps published already. */
mtype = { WAITING, ACKNOWLEDGED };
mtype transferMessage[4];  /* by contents */
mtype resultMessage[8];    /* by RESULT */
#define RESULT(outcome, contents) (outcome == CREDITED -> contents : contents + 4)
#define outcomeOf(result) (result < 4 -> CREDITED : REJECTED)
#define contentsIn(result) (result < 4 -> result : result - 4)

/* Seen only by the promises. */
bit ourCredit, ourRefund;
#ifdef REACH_HISTORY
bit everRefused, everFenced, everRepublished, everPurged;
#define remember(what) what = 1
#else
#define remember(what) skip
#endif

bit over;
byte i, steps;

#define inTransaction(a) (attempt[a].transaction == OPEN || attempt[a].transaction == COMMIT_SENT)
#define txNoRowLocked (inTransaction(FIRST) || inTransaction(SECOND))
#ifdef TWO_REPUBLISHERS
#define outgoingLocked (txNoRowLocked || inTransaction(REPUBLISH) || inTransaction(REPUBLISH_TOO))
#else
#define outgoingLocked (txNoRowLocked || inTransaction(REPUBLISH))
#endif

/* What nobody can read any more is forgotten. This changes nothing but the number of states. */
inline forget(a) {
  if
  :: attempt[a].process == NONE && attempt[a].transaction == ROLLED_BACK ->
     attempt[a].transaction = NONE
  :: else -> skip
  fi;
  if
  :: attempt[a].process == NONE && !inTransaction(a) ->
     attempt[a].rollbackSent = 0;
     attempt[a].toldNothing = 0;
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

/* ------------------------------------------------------------------------------------------ the broker ---- */

/* COMMIT makes the message visible, also after a ROLLBACK, a COMMIT or the last check. */
inline receiveCommit(a) {
  if
  :: attempt[a].half != NONE ->
     attempt[a].half = SETTLED;
     transferMessage[contentsOf(a)] = WAITING
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
 * A fate arrives at once, or never: a late one changes no more than a lost one and a later check-back, and a
 * repeated COMMIT no more than a redelivery. LATE_FATES does without this argument.
 */
inline sendCommit(a) {
  sharperPromise(noCommitForAnAttemptThatDoesNot, attempt[a].transaction == COMMITTED);
#ifdef LATE_FATES
  attempt[a].commitInFlight = 1
#else
  receiveCommit(a)
#endif
}

inline sendRollback(a) {
  attempt[a].rollbackSent = 1;
  sharperPromise(noRollbackForAnAttemptThatCommits, attempt[a].transaction != COMMITTED);
#ifdef LATE_FATES
  attempt[a].rollbackInFlight = 1
#else
  receiveRollback(a)
#endif
}

/* --------------------------------------------------------------- 3.1 sending, and 3.5 republishing ---- */

/* "Nothing was done" speaks of this attempt; another one under the same txNo has its own fate. */
inline tellNothingWasDone(a) {
  attempt[a].toldNothing = 1;
  sharperPromise(toldNothingWasDoneIsTrue, attempt[a].transaction != COMMITTED)
}

inline tellDone(a) {
  sharperPromise(toldDoneIsTrue, outgoing != NONE && outgoingContents == contentsOf(a))
}

/* Whoever ends without a word to the broker (crash, lost fate, UNKNOWN) leaves the half message to check-back. */
inline endProcess(a) {
  attempt[a].process = NONE;
  forget(a)
}

/* A reconciler may act on bank2's 404 however old it is, so it may republish at any moment after the debit. */
#define maySendHalfMessage(a) (attempt[a].process == NONE && attempt[a].half == NONE \
  && attempt[a].transaction == NONE && (isCallers(a) || (RECONCILIATION && outgoing != NONE)))
inline sendHalfMessage(a) {
  attempt[a].half = ASKED;
  attempt[a].process = READY
}

/* Step 2a. A caller's attempt inserts both rows; reconciliation's only its own, then the guarded update. */
#define mayEnterBarrier(a) (attempt[a].process == READY && (isCallers(a) -> !txNoRowLocked : !outgoingLocked))
inline enterBarrier(a) {
  if
  :: isCallers(a) && (txNoRow != NONE || outgoing != NONE) ->
     /* Done by another attempt; the barrier row may be purged, outgoing_transfer never is. */
     if
     :: outgoing != NONE && outgoingContents == contentsOf(a) -> tellDone(a)
     :: else -> tellNothingWasDone(a)
     fi;
     sendRollback(a);
     endProcess(a)
  :: attempt[a].row == TOMBSTONE || (!isCallers(a) && outgoing != DEBITED) ->
     remember(everFenced);
     tellNothingWasDone(a);
     sendRollback(a);
     endProcess(a)
  :: else ->
     attempt[a].transaction = OPEN;
     attempt[a].process = EXECUTING
  fi
}

/* The listener refuses or fails, or the lock wait does (1205). The ROLLBACK statement may be lost on the way. */
#define mayRefuse(a) (attempt[a].process == EXECUTING || (attempt[a].process == READY && txNoRowLocked))
inline refuse(a) {
  remember(everRefused);
  tellNothingWasDone(a);
  sendRollback(a);
  endProcess(a)
}

/* Step 2c. */
#define maySendDatabaseCommit(a) (attempt[a].process == EXECUTING)
inline sendDatabaseCommit(a) {
  attempt[a].transaction = COMMIT_SENT;
  attempt[a].process = COMMITTING
}

/* MySQL applies it; SECOND only where the protocol has failed to stop it. */
#define mayApplyCommit(a) (attempt[a].transaction == COMMIT_SENT && (a != SECOND || outgoing != NONE))
inline applyCommit(a) {
  attempt[a].transaction = COMMITTED;
  attempt[a].row = COMMIT;
  if
  :: isCallers(a) ->
     promise(debitedAtMostOnce, outgoing == NONE);
     txNoRow = contentsOf(a);
     outgoing = DEBITED;
     outgoingContents = contentsOf(a)
  :: else -> remember(everRepublished)
  fi;
  sharperPromise(noRollbackForAnAttemptThatCommits, !attempt[a].rollbackSent);
  sharperPromise(toldNothingWasDoneIsTrue, !attempt[a].toldNothing);
  forget(a)
}

/* A lost connection, wait_timeout or a restart of MySQL. */
#define mayRollBack(a) (attempt[a].transaction == COMMIT_SENT || (attempt[a].transaction == OPEN && attempt[a].process == NONE))
inline rollBack(a) {
  attempt[a].transaction = ROLLED_BACK;
  forget(a)
}

/* The exact answer (3.2): the attempt's row, or a tombstone where there is none. */
#ifdef WITHOUT_FENCE_PER_ATTEMPT
#define mayResolve(a) (isCallers(a) -> !txNoRowLocked : !inTransaction(a))
#define isCommit(a) (isCallers(a) -> txNoRow != FENCED : attempt[a].row == COMMIT)
inline resolve(a) {
  if
  :: isCallers(a) && txNoRow == NONE -> txNoRow = FENCED
  :: !isCallers(a) && attempt[a].row == NONE -> attempt[a].row = TOMBSTONE
  :: else -> skip
  fi
}
#else
#define mayResolve(a) (!inTransaction(a))
#define isCommit(a) (attempt[a].row == COMMIT)
inline resolve(a) {
  if
  :: attempt[a].row == NONE ->
#ifndef WITHOUT_TOMBSTONE
     attempt[a].row = TOMBSTONE
#else
     skip
#endif
  :: else -> skip
  fi
}
#endif

/* Confirmed, or resolved on another connection after an error. While the row is locked: UNKNOWN, endProcess. */
#ifdef WITHOUT_UNKNOWN
#define mayLearnOutcome(a) (attempt[a].process == COMMITTING)
inline learnOutcome(a) {
  if
  :: attempt[a].transaction == COMMITTED -> sendCommit(a)
  :: else -> tellNothingWasDone(a); sendRollback(a)
  fi;
  endProcess(a)
}
#else
#define mayLearnOutcome(a) (attempt[a].process == COMMITTING && mayResolve(a))
inline learnOutcome(a) {
  resolve(a);
  if
  :: isCommit(a) ->
     if
     :: isCallers(a) -> tellDone(a)
     :: else -> skip
     fi;
     sendCommit(a)
  :: else ->
     tellNothingWasDone(a);
     sendRollback(a)
  fi;
  endProcess(a)
}
#endif

/* ------------------------------------------------------------------------------------- 3.2 check-back ---- */

/* By any instance, at any time. A locked row: UNKNOWN, which is no step. */
#define mayCheckBack(a) (attempt[a].half == ASKED && mayResolve(a))
inline checkBack(a) {
  resolve(a);
  if
  :: isCommit(a) -> sendCommit(a)
  :: else -> sendRollback(a)
  fi;
  forget(a)
}

/* The last check, or the store's loss. Also a half message older than the retention: UNKNOWN for ever. */
inline loseHalfMessage(a) {
  attempt[a].half = NONE;
  forget(a)
}

/* --------------------------------------------------------- 3.3 consuming at bank2, and 3.4 its outbox ---- */

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

/* Dead letter TX_NO_CONFLICT; bank1 is told REJECTED. */
inline conflict(contents) {
  deadLetter[contents] = (contents != FOREIGNERS);
  publishResult(REJECTED, contents)
}

/* One transaction: barrier, incoming_transfer (3.5), account, result. */
inline consume(contents, payeeAccepts) {
  if
  :: bank2Row == contents -> skip
  :: bank2Row != NONE && bank2Row != contents -> conflict(contents)
  :: bank2Row == NONE ->
     if
#ifndef WITHOUT_INCOMING_CHECK
     :: incoming != NONE && incomingContents != contents -> conflict(contents)
     :: incoming != NONE && incomingContents == contents ->
        bank2Row = contents;
        publishResult(incoming, contents)
     :: incoming == NONE ->
#else
     :: else ->
#endif
        bank2Row = contents;
        incomingContents = contents;
        if
        :: payeeAccepts -> credit(contents)
        :: else -> incoming = REJECTED
        fi;
        publishResult(incoming, contents)
     fi
  fi
}

#define mayReceive(contents) (transferMessage[contents] != NONE)
inline acknowledge(contents) {
  transferMessage[contents] = ACKNOWLEDGED
}

/* Attempts exhausted, or older than the retention. Looks at barrier and incoming_transfer first. */
inline bury(contents) {
  if
  :: bank2Row == contents || (incoming != NONE && incomingContents == contents) -> skip
  :: else -> deadLetter[contents] = 1
  fi;
  acknowledge(contents)
}

inline redrive(contents, payeeAccepts) {
  deadLetter[contents] = 0;
  consume(contents, payeeAccepts)
}

inline dismiss(contents) {
  deadLetter[contents] = 0;
#ifdef WITHOUT_REFUND_FENCE
  publishResult(REJECTED, contents)
#else
#ifdef WITHOUT_DISMISSAL_LOOKING_AT_INCOMING
  if
  :: bank2Row != NONE -> skip
  :: else -> bank2Row = contents; publishResult(REJECTED, contents)
  fi
#else
  if
  :: incoming == NONE ->
     incoming = REJECTED;
     incomingContents = contents;
     bank2Row = contents
  :: else -> skip
  fi;
  publishResult(incoming, incomingContents)
#endif
#endif
}

/* ---------------------------------------------------------------------------- 3.5 the end, at bank1 ---- */

inline refund() {
  outgoing = REFUNDED;
  promise(refundedAtMostOnce, !ourRefund);
  promise(neverBothRefundedAndCredited, !ourCredit);
  ourRefund = 1
}

inline finish(outcome) {
  if
  :: outcome == CREDITED -> outgoing = COMPLETED
  :: else -> refund()
  fi
}

#define mayReceiveResult(result) (resultMessage[result] != NONE && !outgoingLocked)
inline consumeResult(result) {
  if
#ifdef WITHOUT_RESULT_CONTENTS
  :: resultRow == NONE && outgoing != NONE ->
#else
  :: resultRow == NONE && outgoing != NONE && outgoingContents == contentsIn(result) ->
#endif
     resultRow = result;
     if
     :: outgoing == DEBITED -> finish(outcomeOf(result))
     :: else -> skip
     fi
  :: else -> skip
  fi
}
inline acknowledgeResult(result) {
  if
  :: resultMessage[result] == WAITING -> resultMessage[result] = ACKNOWLEDGED
  :: else -> skip
  fi
}

#define mayReconcile (RECONCILIATION && outgoing == DEBITED && incoming != NONE && !outgoingLocked)
inline reconcile() {
  if
  :: incomingContents == outgoingContents -> finish(incoming)
  :: else -> refund()
  fi
}

/* --------------------------------------------------------------------------------------- processes ---- */

proctype processOf(byte a) provided (!over) {
end:
  do
  :: d_step { maySendHalfMessage(a) -> sendHalfMessage(a) }
  :: d_step { mayEnterBarrier(a) -> enterBarrier(a) }
  :: d_step { mayRefuse(a) -> refuse(a) }
  :: d_step { maySendDatabaseCommit(a) -> sendDatabaseCommit(a) }
  :: d_step { mayLearnOutcome(a) -> learnOutcome(a) }
  :: d_step { attempt[a].process != NONE -> endProcess(a) }

  :: d_step { mayApplyCommit(a) -> applyCommit(a) }
  :: d_step { mayRollBack(a) -> rollBack(a) }

  :: d_step { mayCheckBack(a) -> checkBack(a) }
  :: d_step { mayCheckBack(a) -> resolve(a) }
  :: d_step { attempt[a].half == ASKED && RECONCILIATION -> attempt[a].half = SETTLED; forget(a) }
#ifdef LATE_FATES
  :: d_step { attempt[a].commitInFlight -> receiveCommit(a); forget(a) }
  :: d_step { attempt[a].rollbackInFlight -> receiveRollback(a); forget(a) }
  :: d_step { attempt[a].commitInFlight -> attempt[a].commitInFlight = 0; forget(a) }
  :: d_step { attempt[a].rollbackInFlight -> attempt[a].rollbackInFlight = 0; forget(a) }
  :: d_step { attempt[a].half == SETTLED && RECONCILIATION -> attempt[a].half = NONE; forget(a) }
#endif
  od
}

proctype transferMessages(byte c) provided (!over) {
end:
  do
  :: d_step { mayReceive(c) -> consume(c, true); acknowledge(c) }
  :: d_step { mayReceive(c) -> consume(c, false); acknowledge(c) }
  :: d_step { mayReceive(c) -> consume(c, true) }
  :: d_step { mayReceive(c) -> consume(c, false) }
  :: d_step { mayReceive(c) -> bury(c) }
  :: d_step { transferMessage[c] == WAITING && RECONCILIATION -> transferMessage[c] = ACKNOWLEDGED }
  :: d_step { deadLetter[c] -> redrive(c, true) }
  :: d_step { deadLetter[c] -> redrive(c, false) }
  :: d_step { deadLetter[c] -> dismiss(c) }
  od
}

proctype resultMessages(byte r) provided (!over) {
end:
  do
  :: d_step { mayReceiveResult(r) -> consumeResult(r); acknowledgeResult(r) }
  :: d_step { mayReceiveResult(r) -> consumeResult(r) }
  :: d_step { resultMessage[r] == WAITING && RECONCILIATION -> resultMessage[r] = ACKNOWLEDGED }
  od
}

/* Checked in every state: whatever happened until now, when the world behaves from now on, all ends well. */
#define deliver(c) \
   :: transferMessage[c] == WAITING -> consume(c, true); acknowledge(c)
#define deliverResult(r) \
   :: resultMessage[r] == WAITING && !outgoingLocked -> consumeResult(r); acknowledgeResult(r)
#define settle(a) \
   :: attempt[a].process != NONE -> endProcess(a) \
   :: inTransaction(a) -> rollBack(a) \
   :: attempt[a].commitInFlight -> receiveCommit(a); attempt[a].commitInFlight = 0; forget(a) \
   :: attempt[a].rollbackInFlight -> receiveRollback(a); attempt[a].rollbackInFlight = 0; forget(a) \
   :: mayCheckBack(a) -> checkBack(a)

#define agree ((outgoing != COMPLETED || (incoming == CREDITED && incomingContents == outgoingContents && ourCredit && !ourRefund)) \
 && (outgoing != REFUNDED || (incoming != NONE && (incoming == REJECTED || incomingContents != outgoingContents) && ourRefund && !ourCredit)) \
 && (outgoing != NONE || (!ourCredit && (incoming == NONE || incomingContents == FOREIGNERS))))

inline behave() {
  d_step {
    !over ->
    do
    settle(0)
    settle(1)
    settle(2)
#ifdef TWO_REPUBLISHERS
    settle(3)
#endif
    deliver(1)
    deliver(2)
    deliver(3)
    deliverResult(1)
    deliverResult(2)
    deliverResult(3)
    deliverResult(5)
    deliverResult(6)
    deliverResult(7)
#ifndef NO_RECONCILIATION
    :: mayReconcile -> reconcile()
    :: outgoing == DEBITED && incoming == NONE ->
       sendHalfMessage(REPUBLISH);
       enterBarrier(REPUBLISH);
       sendDatabaseCommit(REPUBLISH);
       applyCommit(REPUBLISH);
       learnOutcome(REPUBLISH)
#else
    :: outgoing == DEBITED && deadLetter[1] -> redrive(1, true)
#endif
    :: else -> break
    od;
    promise(everyDebitedTransferEnds, outgoing != DEBITED);
    promise(bothBanksAgreeAtTheEnd, agree);
    over = 1;
    transferMessage[1] = 0; transferMessage[2] = 0; transferMessage[3] = 0;
    resultMessage[1] = 0;  resultMessage[2] = 0;  resultMessage[3] = 0;
    resultMessage[5] = 0;  resultMessage[6] = 0;  resultMessage[7] = 0;
    deadLetter[1] = 0; deadLetter[2] = 0; deadLetter[3] = 0;
    txNoRow = 0; bank2Row = 0; resultRow = 0; ourCredit = 0; ourRefund = 0; outgoing = 0; outgoingContents = 0;
    incoming = 0; incomingContents = 0;
  }
}
proctype rest() provided (!over) {
end:
  do
  :: d_step { mayReconcile -> reconcile() }
  :: d_step { txNoRow != NONE -> txNoRow = NONE }
  :: d_step { bank2Row != NONE -> bank2Row = NONE }
  :: d_step { resultRow != NONE -> resultRow = NONE }
#ifdef FOREIGN
  :: d_step { true -> consume(FOREIGNERS, true) }
  :: d_step { true -> consume(FOREIGNERS, false) }
  :: d_step { true -> dismiss(FOREIGNERS) }
#endif
  :: behave()
  od
}

init {
  atomic {
    run processOf(0);
#ifdef CHALLENGER
    run processOf(1);
#endif
    run processOf(2);
#ifdef TWO_REPUBLISHERS
    run processOf(3);
#endif
    run transferMessages(1);
    run transferMessages(2);

    run resultMessages(1);
    run resultMessages(2);
    run resultMessages(3);
    run resultMessages(5);
    run resultMessages(6);
    run resultMessages(7);
    run rest()
  }
}
