import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { answersAsOurs, rootPasswordFile } from './mysql-root.js';
import { runCommand } from './run-command.js';
import type { ServerPlan } from './server-process.js';
import { StackError } from './stack-error.js';
import type { StackPaths } from './stack-paths.js';

const INITIALISE_DEADLINE_MS = 5 * 60_000;
export const DEFAULT_BUFFER_POOL_MB = 256;

export function planMysql(home: string, paths: StackPaths, port: number, bufferPoolMb: number): ServerPlan {
  const marker = `--datadir=${paths.mysqlData}`;
  const rootPassword = rootPasswordFile(paths);
  const initFile = rootPassword === undefined ? [] : [`--init-file=${rootPassword.path}`];
  return {
    name: 'mysql',
    program: join(home, 'bin', 'mysqld'),
    // `--no-defaults` must be first: a my.cnf of the machine is not ours.
    arguments: [
      ...['--no-defaults', `--basedir=${home}`, marker, ...asRoot()],
      ...settings(port, bufferPoolMb),
      ...initFile,
    ],
    marker,
    ports: [port],
    workingDirectory: paths.directory,
    logFile: join(paths.logs, 'mysql.log'),
    readyDeadlineMs: 120_000,
    // The lock names a pid. While that one is a zombie, or belongs to another program by now, mysqld would refuse
    // to start. That no server of ours runs is known; InnoDB guards the data with locks of its own.
    beforeStart: () => {
      rootPassword?.write();
      rmSync(join(paths.mysqlData, 'mysql.sock.lock'), { force: true });
    },
    stopSignal: 'SIGTERM',
    isReady: () => answersAsOurs(paths, port),
  };
}

function settings(port: number, bufferPoolMb: number): string[] {
  return [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    // Relative to the data folder: an absolute path may exceed the 107 bytes that a socket's name can have.
    '--socket=mysql.sock',
    '--mysqlx=OFF',
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_0900_ai_ci',
    '--default-time-zone=+00:00',
    // The promise of the project rests on these: a commit that was reported, or only seen, survives the machine.
    // Without the binary log, a transaction is seen before it is on the disk.
    '--innodb-flush-log-at-trx-commit=1',
    '--log-bin=binlog',
    '--sync-binlog=1',
    '--binlog-expire-logs-seconds=3600',
    '--max-binlog-size=67108864',
    '--max-connections=500',
    `--innodb-buffer-pool-size=${bufferPoolMb}M`,
    '--secure-file-priv=NULL',
  ];
}

/** mysqld refuses to run as root unless it is told that this is meant. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/**
 * Makes the data folder once. It gets its final name when it is complete: a half-initialised one, left by a
 * kill, is thrown away and made anew.
 */
export async function initialiseMysql(home: string, paths: StackPaths): Promise<void> {
  if (existsSync(paths.mysqlData)) return;
  const unfinished = `${paths.mysqlData}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(paths.data, { recursive: true });
  const result = await runCommand(
    join(home, 'bin', 'mysqld'),
    // "Insecure": root gets its password when the server starts, before anybody can connect.
    ['--no-defaults', `--basedir=${home}`, `--datadir=${unfinished}`, ...asRoot(), '--initialize-insecure'],
    { deadlineMs: INITIALISE_DEADLINE_MS },
  );
  if (result.exitCode !== 0) {
    throw new StackError(`MySQL could not make its data folder ${unfinished}: ${reason(result.output)}`);
  }
  renameSync(unfinished, paths.mysqlData);
}

function reason(output: string): string {
  const lines = output.trim().split('\n');
  return (
    lines.find((line) => line.includes('[ERROR]') || line.includes('shared libraries')) ?? lines.at(-1) ?? ''
  );
}
