import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** The arguments, joined by spaces; on some systems the program's path stands in front. */
  readonly commandLine: string;
}

/**
 * The running processes that were started with `marker` as one whole argument.
 *
 * A remembered pid may belong to another process by now, and the memory may be lost; the command line of a
 * running process is neither. The marker names a server and its stack's folder, so it cannot match another
 * stack, nor an editor or shell that merely mentions it. What is ending has no command line and does not count.
 */
export function findProcesses(marker: string): RunningProcess[] {
  return process.platform === 'linux' ? findInProc(marker) : findWithPs(marker);
}

/**
 * Whether nothing of the process is left but its exit code. A process that is ending loses its command line
 * first and its sockets and file locks later, so "not found" is not "ended".
 */
export function hasEnded(pid: number): boolean {
  const state = process.platform === 'linux' ? stateInProc(pid) : stateOfPs(pid);
  return state === '' || 'ZX'.includes(state);
}

/**
 * Whether the process itself listens on the port: where it does not, another program may, and answers in its place. True
 * also where this system does not let us look.
 */
export function isListening(pid: number, port: number): boolean {
  return process.platform === 'linux' ? isListeningInProc(pid, port) : isListeningByLsof(pid, port);
}

/** In the network that the process is in, which may be one of its own. */
function isListeningInProc(pid: number, port: number): boolean {
  const connections = ['tcp', 'tcp6'].flatMap((table) => linesOf(`/proc/${pid}/net/${table}`));
  const files = openFiles(pid);
  if (connections.length === 0 || files === undefined) return true;
  const sockets = listeningSockets(connections, port);
  return files.some((file) => sockets.includes(file));
}

/** As they are named among the open files of the process that they belong to. */
function listeningSockets(connections: readonly string[], port: number): string[] {
  const LISTEN = '0A';
  return connections.flatMap((line) => {
    const [, address = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const isThere = state === LISTEN && Number.parseInt(address.split(':')[1] ?? '', 16) === port;
    return isThere ? [`socket:[${inode}]`] : [];
  });
}

/** A machine without IPv6 has no table of it. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

/** Undefined where we may not look: the process may be another user's. */
function openFiles(pid: number): string[] | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(`${folder}/${name}`)];
      } catch {
        // Closed between the listing and the look.
        return [];
      }
    });
  } catch {
    return undefined;
  }
}

function isListeningByLsof(pid: number, port: number): boolean {
  const parameters = ['-nP', '-a', '-p', String(pid), `-iTCP:${port}`, '-sTCP:LISTEN'];
  const { error, status } = spawnSync('lsof', parameters);
  return error !== undefined || status === 0;
}

function stateInProc(pid: number): string {
  try {
    // `pid (name) S …`, where the name may contain anything.
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.charAt(line.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}

function stateOfPs(pid: number): string {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim().charAt(0);
}

function findInProc(marker: string): RunningProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ pid: Number(entry), words: commandLineOf(entry) }))
    .filter(({ words }) => words.includes(marker))
    .map(({ pid, words }) => ({ pid, commandLine: words.join(' ') }));
}

function commandLineOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    // It ended between the listing and the look; or we may not see it, then it is not ours.
    return [];
  }
}

function findWithPs(marker: string): RunningProcess[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, state, commandLine = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const matches = !state?.startsWith('Z') && ` ${commandLine} `.includes(` ${marker} `);
    return matches ? [{ pid: Number(pid), commandLine }] : [];
  });
}
