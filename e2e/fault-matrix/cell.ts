import type { FaultAction, FaultRule } from 'txmsg/faults';
import type { Bank } from '@txmsg/contracts';
import type { Scenario } from './scenarios.js';

export type Point = FaultRule['point'];

/** One fault at one place of one service, and the transfer that meets it. */
export interface Cell {
  readonly scenario: Scenario;
  readonly service: Bank;
  readonly point: Point;
  readonly action: FaultAction;
  readonly txNo: string;
}

/** A point that a service was seen to pass in a scenario. */
export interface Pass {
  readonly scenario: Scenario;
  readonly service: Bank;
  readonly point: Point;
}

export function describeCell({ service, point, action, scenario }: Cell): string {
  return `${service} ${point} × ${action} (${scenario.name})`;
}

/** The cells of these actions for everything that was passed, each with a transfer of its own. */
export function cellsOf(passes: readonly Pass[], actions: readonly FaultAction[]): Cell[] {
  const all = passes.flatMap((pass) => actions.map((action) => ({ ...pass, action })));
  return all.map((cell, index) => ({ ...cell, txNo: `${cell.action.slice(0, 4)}-${index}` }));
}

/** What the service is to be started with for these cells: their faults, and those that lead there. */
export function rulesOf(cells: readonly Cell[], service: Bank): FaultRule[] {
  return cells.flatMap(({ scenario, service: at, point, action, txNo }) => [
    ...(service === 'bank1' ? scenario.lead.map((rule) => ({ ...rule, txNo })) : []),
    ...(at === service ? [{ point, action, txNo }] : []),
  ]);
}

/** Whether its fault is met only after a check-back, a redelivery or reconciliation. */
export function isSlow({ scenario, point }: Cell): boolean {
  return scenario.lead.length > 0 || point.startsWith('service:') || scenario.deadLetterAt !== undefined;
}
