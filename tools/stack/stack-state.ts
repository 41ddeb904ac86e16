import { readFileIfPresent, writeFileAtomically } from './atomic-file.js';
import type { Coordinator } from './coordinator.js';
import { wishedPorts, type StackPorts } from './ports.js';
import { isSeataVersion } from './seata-version.js';

/** What outlives the servers. Whether they run, and as which pid, is asked of the system, never remembered. */
export interface StackState {
  readonly ports: StackPorts;
  /** What was asked for; `ports` differs from it where a port was already in use. */
  readonly wishes: StackPorts;
  /** That which `up` was asked for, until `down`. */
  readonly coordinator?: Coordinator;
}

export function readState(file: string): StackState | undefined {
  const text = readFileIfPresent(file);
  if (text === undefined) return undefined;
  try {
    const state = JSON.parse(text) as Partial<StackState>;
    const ports = completed(state.ports);
    if (ports === undefined) return undefined;
    const { coordinator } = state;
    return {
      ports,
      wishes: completed(state.wishes) ?? ports,
      ...(isSeataVersion(coordinator?.version) ? { coordinator } : {}),
    };
  } catch {
    // Written by hand or by another version; `up` makes a new one.
    return undefined;
  }
}

export function writeState(file: string, state: StackState): void {
  writeFileAtomically(file, `${JSON.stringify(state, undefined, 2)}\n`);
}

/** A version that knew no coordinator has written none of its ports. */
function completed(ports: Partial<StackPorts> | undefined): StackPorts | undefined {
  const names = ['mysql', 'namesrv', 'broker', 'proxy', 'proxyRemoting'] as const;
  if (!ports || !names.every((name) => Number.isInteger(ports[name]))) return undefined;
  return wishedPorts(ports);
}
