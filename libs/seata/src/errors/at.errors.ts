import { SeataError } from './seata.error.js';

const SHOWN_LENGTH_MAX = 120;

/** A statement that AT could not undo for certain. It was refused before it ran; nothing was changed. */
export class AtStatementRefusedError extends SeataError {
  readonly code = 'SEATA_AT_STATEMENT_REFUSED';
  /** The statement, cut when it is long. */
  readonly statement: string;

  constructor(
    statement: string,
    /** The rule that it breaks, in words. */
    readonly rule: string,
    /** What to do instead. */
    readonly advice: string,
  ) {
    const shown =
      statement.length > SHOWN_LENGTH_MAX ? `${statement.slice(0, SHOWN_LENGTH_MAX)}…` : statement;
    super(`"${shown}" is refused in an AT transaction: ${rule}. ${advice}`);
    this.statement = shown;
  }
}

/** AT was used in a service that has not switched it on; nothing was done. */
export class AtIsOffError extends SeataError {
  readonly code = 'SEATA_AT_IS_OFF';

  constructor(
    /** What needs AT. */
    readonly action: string,
  ) {
    super(
      `"${action}" needs AT, which is off in this service, and nothing was done. Give SeataModule the option "at"; {} takes every default.`,
    );
  }
}

/** A row holds, or would hold, what an undo log cannot restore for certain. The transaction was rolled back. */
export class AtValueRefusedError extends SeataError {
  readonly code = 'SEATA_AT_VALUE_REFUSED';

  constructor(
    /** The table. */
    readonly table: string,
    /** The column of the value. */
    readonly column: string,
    /** Why it is refused, in words. */
    readonly reason: string,
  ) {
    super(
      `A value of ${table}.${column} cannot be restored for certain: ${reason}. Everything was rolled back. Keep such rows out of AT transactions, or use TCC for them.`,
    );
  }
}

/** Rows came between the before image and the statement, or the table was altered meanwhile. It was rolled back; another try may pass. */
export class AtImageChangedError extends SeataError {
  readonly code = 'SEATA_AT_IMAGE_CHANGED';

  constructor(
    /** The table. */
    readonly table: string,
    /** What does not fit, in words. */
    readonly problem: string,
  ) {
    super(`The images of ${table} do not fit together: ${problem}. Everything was rolled back; try again.`);
  }
}

/** One AT transaction changes more than an undo log may hold. It was rolled back. */
export class AtTooLargeError extends SeataError {
  readonly code = 'SEATA_AT_TOO_LARGE';

  constructor(
    /** What is too large: `rows of account`, `bytes of the undo log`. */
    readonly what: string,
    /** The most that is allowed. */
    readonly max: number,
    /** The option that sets it. */
    readonly option: string,
  ) {
    super(
      `An AT transaction may have at most ${max} ${what} (option ${option}). Everything was rolled back. Change fewer rows in each transaction.`,
    );
  }
}

/** Other global transactions kept the rows locked through every try, or the tries met other conflicts; nothing was done. */
export class AtConflictError extends SeataError {
  readonly code = 'SEATA_AT_CONFLICT';

  constructor(
    /** The global transaction. */
    readonly xid: string,
    /** How often the work was tried. */
    readonly attempts: number,
    options: ErrorOptions,
  ) {
    super(
      `The AT transaction of "${xid}" was rolled back after ${attempts} tries, because of locks or changes of others; nothing of it remains. Roll back the global transaction, and begin it anew after a pause.`,
      options,
    );
  }
}

/** An undo log cannot be read, or does not fit its table. A person must look. */
export class UndoLogDamagedError extends SeataError {
  readonly code = 'SEATA_UNDO_LOG_DAMAGED';

  constructor(
    /** What is wrong with it. */
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(
      `The undo log cannot be used: ${problem}. Take back by hand what the branch did, and delete its row of undo_log in the same transaction; look at the other services of this global transaction too (docs/RUNBOOK.md, BranchNeedsAPerson).`,
      options,
    );
  }
}

/** This process cannot carry out the undo log, but one of the Java service that wrote it might. */
export class UndoLogForeignError extends SeataError {
  readonly code = 'SEATA_UNDO_LOG_FOREIGN';

  constructor(
    /** What this library does not do. */
    readonly problem: string,
  ) {
    super(
      `The undo log cannot be carried out by this process: ${problem}. A process of the Java service that wrote it must roll it back.`,
    );
  }
}

/** A row was changed by others between the phases, or cannot be put back. A person must look. */
export class AtDirtyRowError extends SeataError {
  readonly code = 'SEATA_AT_DIRTY_ROW';

  constructor(
    /** The table. */
    readonly table: string,
    /** The row's primary key. */
    readonly key: string,
    /** The columns that differ from the after image; empty when the row is there and should not be, or the other way round. */
    readonly columns: readonly string[],
    problem: string,
    options?: ErrorOptions,
  ) {
    super(
      `The row ${key} of ${table} cannot be rolled back: ${problem}${columns.length > 0 ? ` (${columns.join(', ')})` : ''}. Take back by hand what the branch did, by its difference, and delete its row of undo_log in the same transaction; look at the other services of this global transaction too, and at the locks that the coordinator keeps (docs/RUNBOOK.md, BranchNeedsAPerson). Change such rows only in AT transactions, or under a global lock.`,
      options,
    );
  }
}
