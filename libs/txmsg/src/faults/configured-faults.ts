import { Logger } from '@nestjs/common';
import { TxMsgError, TxMsgConfigurationError } from '../errors/index.js';
import { FAULT_POINTS, type FaultPoint, type ServiceFaultPoint } from './fault-point.js';
import { FaultInjector, type FaultContext } from './fault-injector.js';

/** What a rule may do: throw an error, never return, cut the database connection, or SIGKILL the process. */
export const FAULT_ACTIONS = ['throw', 'hang', 'drop-connection', 'kill'] as const;
/** One of `FAULT_ACTIONS`. */
export type FaultAction = (typeof FAULT_ACTIONS)[number];

/** What happens at one fault point, and how often. */
export interface FaultRule {
  /** One of `FAULT_POINTS`, or of the option `serviceFaultPoints`. */
  readonly point: FaultPoint | ServiceFaultPoint;
  /** One of `FAULT_ACTIONS`; `drop-connection` throws where the step has no connection. */
  readonly action: FaultAction;
  /** How many times the rule acts. @default 1 */
  readonly times?: number;
  /** Only for this txNo, alone or in a batch. @default any */
  readonly txNo?: string;
}

/** Thrown at a fault point by the action `throw`. */
export class InjectedFaultError extends TxMsgError {
  readonly code = 'TXMSG_INJECTED_FAULT';

  constructor(
    /** Where it was thrown. */
    readonly point: FaultPoint | ServiceFaultPoint,
  ) {
    super(`Injected fault at "${point}".`);
  }
}

/** A rule and how often it will still act. */
export interface FaultRuleState extends FaultRule {
  /** How many times it will still act. */
  readonly left: number;
}

/**
 * Injects faults by the given rules, which may be replaced at any time. For tests and demonstrations only; refused in
 * production mode.
 */
export class ConfiguredFaults extends FaultInjector {
  private readonly logger = new Logger(ConfiguredFaults.name);
  /** What a rule may name: the library's steps and the service's own. */
  readonly points: readonly FaultRule['point'][];
  private rules: { rule: FaultRule; left: number }[] = [];

  /**
   * @param servicePoints - the service's own steps, which rules may name beside the library's
   * @throws TxMsgConfigurationError that names every wrong rule; also in production mode
   */
  constructor(
    rules: readonly FaultRule[],
    servicePoints: readonly ServiceFaultPoint[] = [],
    environment: string | undefined = process.env.NODE_ENV,
  ) {
    super();
    if (environment === 'production') {
      throw new TxMsgConfigurationError(['faults: fault injection is refused when NODE_ENV is "production"']);
    }
    this.points = [...FAULT_POINTS, ...servicePoints];
    this.replace(rules);
  }

  /** The rules that apply now. */
  get current(): readonly FaultRuleState[] {
    return this.rules.map(({ rule, left }) => ({ ...rule, left }));
  }

  /** From now on these rules and no others. @throws TxMsgConfigurationError that names every wrong one; nothing changes then */
  replace(rules: readonly FaultRule[]): void {
    const problems = rules.flatMap((rule) => ruleProblems(rule, this.points));
    if (problems.length > 0) throw new TxMsgConfigurationError(problems);
    this.rules = rules.map((rule) => ({ rule, left: rule.times ?? 1 }));
  }

  async at(point: FaultPoint | ServiceFaultPoint, context: FaultContext): Promise<void> {
    if (this.rules.length === 0) return;
    const passing = context.txNos ?? [context.txNo];
    for (const each of passing) this.logger.debug({ message: 'fault point passed', point, txNo: each });
    const hit = this.rules.find(
      ({ rule, left }) =>
        left > 0 && rule.point === point && (rule.txNo === undefined || passing.includes(rule.txNo)),
    );
    if (hit === undefined) return;
    hit.left -= 1;
    const txNo = hit.rule.txNo ?? context.txNo;
    // Written synchronously, so that the line is there also when the process is killed next.
    this.logger.warn({ message: 'fault injected', point, action: hit.rule.action, txNo });
    await play(hit.rule, context);
  }
}

async function play(rule: FaultRule, context: FaultContext): Promise<void> {
  switch (rule.action) {
    case 'throw':
      throw new InjectedFaultError(rule.point);
    case 'hang':
      return new Promise<void>(() => undefined);
    case 'drop-connection':
      if (context.dropConnection === undefined) throw new InjectedFaultError(rule.point);
      context.dropConnection();
      return;
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return new Promise<void>(() => undefined);
  }
}

function ruleProblems(rule: FaultRule, points: readonly FaultRule['point'][]): string[] {
  const problems: string[] = [];
  if (!points.includes(rule.point)) {
    problems.push(`faults: point "${rule.point}" is unknown; known are ${points.join(', ')}`);
  }
  if (!FAULT_ACTIONS.includes(rule.action)) {
    problems.push(`faults: action "${rule.action}" is unknown; known are ${FAULT_ACTIONS.join(', ')}`);
  }
  if (rule.times !== undefined && (!Number.isInteger(rule.times) || rule.times < 1)) {
    problems.push(`faults: times ${String(rule.times)} is not a whole number from 1`);
  }
  return problems;
}
