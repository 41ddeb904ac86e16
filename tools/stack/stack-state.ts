import { readFileIfPresent, writeFileAtomically } from './atomic-file.js';
import type { StackPorts } from './ports.js';

/** What outlives the servers. Whether they run, and as which pid, is asked of the system, never remembered. */
export interface StackState {
  readonly ports: StackPorts;
  /** What was asked for; `ports` differs from it where something was taken. */
  readonly wishes: StackPorts;
}

export function readState(file: string): StackState | undefined {
  const text = readFileIfPresent(file);
  if (text === undefined) return undefined;
  try {
    const { ports, wishes } = JSON.parse(text) as Partial<StackState>;
    return isComplete(ports) ? { ports, wishes: isComplete(wishes) ? wishes : ports } : undefined;
  } catch {
    // Written by hand or by another version; `up` makes a new one.
    return undefined;
  }
}

export function writeState(file: string, state: StackState): void {
  writeFileAtomically(file, `${JSON.stringify(state, undefined, 2)}\n`);
}

function isComplete(ports: Partial<StackPorts> | undefined): ports is StackPorts {
  const names: (keyof StackPorts)[] = ['mysql', 'namesrv', 'broker', 'proxy', 'proxyRemoting'];
  return ports !== undefined && names.every((name) => Number.isInteger(ports[name]));
}
