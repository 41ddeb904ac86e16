import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from './stack-error.js';

const LINES = 40;

/**
 * What each server writes; RocketMQ writes its own files, and only failures to start to its output. The name
 * server finds the broker's log settings first on the class path that they share.
 */
const LOG_FILES: Readonly<Partial<Record<string, readonly string[]>>> = {
  mysql: ['mysql.log'],
  namesrv: ['namesrv.log', 'namesrv/logs/rocketmqlogs/broker_default.log'],
  broker: ['broker.log', 'broker/logs/rocketmqlogs/broker.log', 'broker/logs/rocketmqlogs/proxy.log'],
  seata: ['seata.log'],
};

/** The last lines of one server's logs, or of all; with `--follow` until Ctrl-C. */
export async function showLogs(directory: string, parameters: readonly string[]): Promise<void> {
  const files = logFiles(
    directory,
    parameters.find((parameter) => !parameter.startsWith('-')),
  );
  if (parameters.includes('--follow')) await followLogs(files);
  else printLogs(files);
}

function printLogs(files: readonly string[]): void {
  for (const file of files) {
    console.log(`==> ${file} <==`);
    console.log(readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LINES).join('\n'));
  }
}

function followLogs(files: readonly string[]): Promise<void> {
  const tail = spawn('tail', ['-n', String(LINES), '-F', ...files], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tail.kill());
    tail.on('error', reject);
    tail.on('close', () => {
      resolve();
    });
  });
}

function logFiles(directory: string, server: string | undefined): string[] {
  const names =
    server === undefined ? Object.values(LOG_FILES).flatMap((each) => each ?? []) : LOG_FILES[server];
  if (!names)
    throw new StackError(
      `There is no server "${server ?? ''}": mysql, namesrv, broker or seata was expected.`,
    );
  const files = names.map((name) => join(directory, 'logs', name)).filter((file) => existsSync(file));
  if (files.length === 0) throw new StackError(`There are no logs yet below ${directory}.`);
  return files;
}
