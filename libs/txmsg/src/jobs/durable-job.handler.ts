import type { EntityManager } from 'typeorm';

/** A durable job as its next step finds it. */
export interface RunningJob<Input extends object = object, Cursor extends object = object> {
  /** What `start` was given. */
  readonly key: string;
  /** What `start` was given, as JSON has it: without classes, dates and undefined. */
  readonly input: Input;
  /** What the step before returned; undefined at the first step. */
  readonly cursor: Cursor | undefined;
  /** How many steps are committed. */
  readonly steps: number;
}

/** `next`: a further step goes on there, a JSON object. `DONE`: this was the last one. */
export type StepResult<Cursor extends object = object> = { readonly next: Cursor } | 'DONE';

/**
 * The steps of one kind of job.
 *
 * @example
 * ```ts
 * @Injectable()
 * @DurableJob({ kind: 'archive' })
 * class ArchiveJob implements DurableJobHandler<{ year: number }, { after: string }> {
 *   async step({ input, cursor }: RunningJob<{ year: number }, { after: string }>, entityManager: EntityManager) {
 *     const last = await archiveSome(entityManager, input.year, cursor?.after ?? '', 500);
 *     // Not `this.repository`: what is written beside entityManager stays when the step is rolled back.
 *     return last === undefined ? ('DONE' as const) : { next: { after: last } };
 *   }
 * }
 * ```
 */
export interface DurableJobHandler<
  Input extends object = object,
  Cursor extends object = object,
  Prepared = unknown,
> {
  /**
   * A bounded piece of work, in a transaction in which the library has locked the job's row and in which it stores the
   * result: what the step writes through `entityManager` and its cursor are committed together, or neither is. The time of
   * a step, its COMMIT included, is the option `handlerTimeoutMs`; do far less in one, since its locks are held for so long.
   *
   * Exactly once: what it writes through `entityManager`. At least once: whatever else it does.
   *
   * A throw rolls the step back; it is repeated with back-off until it has failed `attemptsMax` times. When the database or
   * the broker is at fault it is repeated indefinitely, and after a `JobPostponedError` when that says.
   * @param prepared - what `prepare` returned; undefined without one
   */
  step(
    job: RunningJob<Input, Cursor>,
    entityManager: EntityManager,
    prepared: Prepared,
  ): Promise<StepResult<Cursor>>;

  /**
   * What a step needs from elsewhere (a call of another service), before its transaction begins, so that no lock and no
   * connection waits for it. May run several times for a step that is made once, so it only reads. It must end within
   * `handlerTimeoutMs`, and its throws are like those of `step`.
   * @param signal - aborted when the service shuts down
   */
  prepare?(job: RunningJob<Input, Cursor>, signal: AbortSignal): Promise<Prepared>;
}
