import { quoted } from '../errors/cut-text.js';
import { TX_NO_PATTERN } from '../limits/index.js';
import type { DiscoveredListener } from '../options/listener.decorator.js';
import { ATTEMPTS_RANGE, type TxMsgSettings } from '../options/txmsg.options.js';
import type { DurableJobOptions } from './durable-job.decorator.js';
import type { DurableJobHandler } from './durable-job.handler.js';

const CONCURRENCY = { default: 2, min: 1, max: 64 } as const;
const NUMBER_RANGES = { attemptsMax: ATTEMPTS_RANGE, concurrency: CONCURRENCY } as const;

/** The handler of a kind, with its options filled in. */
export interface RegisteredDurableJob {
  readonly kind: string;
  readonly attemptsMax: number;
  readonly concurrency: number;
  readonly handler: DurableJobHandler;
}

/** Turns what discovery found into handlers. `problems` names every class that breaks a rule. */
export function registerDurableJobs(
  found: readonly DiscoveredListener<DurableJobOptions>[],
  { handlerAttemptsMax }: Pick<TxMsgSettings, 'handlerAttemptsMax'>,
): { jobs: RegisteredDurableJob[]; problems: string[] } {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  const jobs = found.map(({ className, instance, options }): RegisteredDurableJob => {
    const { kind } = options;
    problems.push(...problemsOf(className, instance, options));
    const owner = owners.get(kind);
    if (owner !== undefined) {
      problems.push(
        `The kind ${quoted(kind)} has two @DurableJob classes (${owner}, ${className}). A job's steps are made by one class: give each a kind of its own.`,
      );
    }
    owners.set(kind, className);
    return {
      kind,
      attemptsMax: options.attemptsMax ?? handlerAttemptsMax,
      concurrency: options.concurrency ?? CONCURRENCY.default,
      handler: instance as DurableJobHandler,
    };
  });
  return { jobs, problems };
}

function problemsOf(className: string, instance: object, options: DurableJobOptions): string[] {
  const problems: string[] = [];
  const kind: unknown = options.kind;
  if (typeof kind !== 'string' || !TX_NO_PATTERN.test(kind)) {
    problems.push(
      `${className}: the kind ${quoted(kind)} is refused: it must have 1 to 64 characters out of A-Z, a-z, 0-9, ".", "_", ":" and "-".`,
    );
  }
  for (const name of ['attemptsMax', 'concurrency'] as const) {
    const value = options[name];
    const { min, max } = NUMBER_RANGES[name];
    if (value !== undefined && (!Number.isInteger(value) || value < min || value > max)) {
      problems.push(
        `${className}: ${name} ${value} is refused: it must be a whole number from ${min} to ${max}.`,
      );
    }
  }
  if (typeof (instance as Partial<DurableJobHandler>).step !== 'function') {
    problems.push(`${className} has no method step. A @DurableJob class implements DurableJobHandler.`);
  }
  return problems;
}
