import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.js';

/**
 * What a caller knows about what it asked for.
 * - `ACCEPTED`: it was told so.
 * - `REFUSED`: it was told why, and that nothing was done.
 * - `NOTHING_DONE`: every call was answered 503, and it gave up.
 * - `UNKNOWN`: it was told nothing certain: ask again.
 */
export type Knowledge = 'ACCEPTED' | 'REFUSED' | 'NOTHING_DONE' | 'UNKNOWN';

/** Something that a caller asked for, under one txNo, with as many calls as it took. */
export interface Sent {
  readonly txNo: string;
  /** What each call was answered, in order; undefined when no answer came. */
  readonly statuses: (number | undefined)[];
  /** Whether the last call was made when everything ran and no earlier call was under way any more. */
  isAskedAtRest: boolean;
  /** Whether the last answer, although certain, may be another one when the same is asked for again. @default false */
  mayChange?: boolean;
}

/** What callers of one kind ask for. */
export interface Calling<One extends Sent> {
  /** In the txNo, so that all kinds together have different ones. */
  readonly name: string;
  readonly callers: number;
  /** The next thing that a caller asks for, not yet asked. */
  readonly next: (sent: Sent) => One;
  /** One call. Resolves with the status; undefined: there is nobody to be called just now. @throws when no answer comes */
  readonly call: (one: One) => Promise<number> | undefined;
}

const PAUSE_MS = { min: 20, max: 300 };
const CALLS_MAX = 6;

/** Callers in a closed loop: each asks for one thing after another, and repeats calls as real ones do. */
export class Callers<One extends Sent> {
  readonly sent: One[] = [];
  private running: Promise<void>[] = [];
  private isStopping = false;

  constructor(
    private readonly calling: Calling<One>,
    private readonly random: Random,
  ) {}

  start(): void {
    const { callers } = this.calling;
    this.running = Array.from({ length: callers }, (_, caller) => this.callUntilStopped(caller));
  }

  /** Lets the calls that are under way finish. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.running);
  }

  /** When everything runs again: repeats each call until its outcome is certain, or until its time is over. */
  async resolve(deadlineMs: number): Promise<void> {
    for (const one of this.sent) {
      const endsAtMs = Date.now() + deadlineMs;
      while (knowledgeOf(one) === 'UNKNOWN' && Date.now() < endsAtMs) {
        one.isAskedAtRest = true;
        await this.call(one);
        await this.pause();
      }
    }
  }

  /** How many callers know what. */
  counts(): Record<Knowledge, number> {
    const counts = { ACCEPTED: 0, REFUSED: 0, NOTHING_DONE: 0, UNKNOWN: 0 };
    for (const one of this.sent) counts[knowledgeOf(one)] += 1;
    return counts;
  }

  private async callUntilStopped(caller: number): Promise<void> {
    for (let count = 1; !this.isStopping; count++) {
      const txNo = `${this.calling.name}-${caller}-${count}`;
      const one = this.calling.next({ txNo, statuses: [], isAskedAtRest: false });
      this.sent.push(one);
      await this.ask(one);
      await this.pause();
    }
  }

  private async ask(one: One): Promise<void> {
    for (let calls = 1; calls <= CALLS_MAX; calls++) {
      await this.call(one);
      const isCertain = !['UNKNOWN', 'NOTHING_DONE'].includes(knowledgeOf(one));
      const isOver = isCertain && one.mayChange !== true;
      // Some repeat a call whose answer they have, and some give up although they have none.
      if (isOver ? !this.random.chance(0.03) : this.random.chance(0.15) || this.isStopping) return;
      await this.pause();
    }
  }

  private async call(one: One): Promise<void> {
    const answer = this.calling.call(one);
    if (answer !== undefined) one.statuses.push(await answer.catch(() => undefined));
  }

  private pause(): Promise<void> {
    return delay(this.random.whole(PAUSE_MS.min, PAUSE_MS.max));
  }
}

/** Refusals that say that nothing was done: 404, 409, 422 and the like. */
const isRefusal = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500;

export function knowledgeOf({
  statuses,
  isAskedAtRest,
}: Pick<Sent, 'statuses' | 'isAskedAtRest'>): Knowledge {
  if (statuses.some((status) => status === 200 || status === 201)) return 'ACCEPTED';
  if (isAskedAtRest && isRefusal(statuses.at(-1))) return 'REFUSED';
  // A refusal speaks for its own call only: an earlier one that was not answered may still be carried out.
  if (!statuses.every((status) => status === 503 || isRefusal(status))) return 'UNKNOWN';
  return statuses.some(isRefusal) ? 'REFUSED' : 'NOTHING_DONE';
}

/** What callers were told that is not true, of each one who was. */
export function untruthsTold<One extends Sent>(
  sent: readonly One[],
  isDone: (one: One) => boolean,
): { readonly txNo: string; readonly what: string }[] {
  return sent.flatMap((one) => {
    const what = untruthTold(one, isDone(one));
    return what === undefined ? [] : [{ txNo: one.txNo, what }];
  });
}

/**
 * Whether the caller was told the truth.
 * @param isDone - whether what it asked for was done, as the database says at rest
 * @returns what is wrong, if anything is
 */
export function untruthTold(one: Sent, isDone: boolean): string | undefined {
  const { txNo } = one;
  const told = one.statuses.map((status) => status ?? 'nothing').join(', ');
  switch (knowledgeOf(one)) {
    case 'ACCEPTED':
      return isDone ? undefined : `${txNo} was answered ${told}, and was not made`;
    case 'REFUSED':
    case 'NOTHING_DONE':
      return isDone ? `${txNo} was answered ${told}, and was made all the same` : undefined;
    case 'UNKNOWN':
      return `${txNo} was answered ${told}; what became of it cannot be learnt by asking again`;
  }
}
