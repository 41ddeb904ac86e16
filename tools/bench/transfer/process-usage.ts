import { readFileSync } from 'node:fs';
import { StackError } from '../../stack/stack-error.js';

/** Of `/proc/PID/stat`; the same on every Linux that Node runs on. */
const TICK_MS = 10;

/** CPU time of the process so far, in ms, user and system. @throws StackError where there is no such process */
export function cpuMs(pid: number): number {
  const stat = read(pid, 'stat');
  // `pid (name) S …`, where the name may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The most memory that was resident so far, in MB. @throws StackError where there is no such process */
export function peakMb(pid: number): number {
  return Math.round(statusKb(pid, 'VmHWM') / 1024);
}

/** The memory that is resident now, in MB. @throws StackError where there is no such process */
export function residentMb(pid: number): number {
  return statusKb(pid, 'VmRSS') / 1024;
}

function statusKb(pid: number, name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(read(pid, 'status'))?.[1]);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    throw new StackError(
      `Process ${pid} is gone, or this is no Linux: /proc/${pid}/${file} cannot be read.`,
      {
        cause: error,
      },
    );
  }
}
