import { spawn, type ChildProcess } from 'node:child_process';
import { repositoryDirectory } from './stack-paths.js';

const SCRIPTS = {
  /** Stops the servers and keeps what they have written. */
  STOP: 'node tools/bootstrap.mjs stack/main.ts down',
  /** Also deletes the folder of the stack. */
  DELETE: 'node tools/bootstrap.mjs stack/main.ts reset; rm -rf "$TXMSG_STACK_DIR"',
};

/**
 * Ends the servers of a stack when this process ends without doing so itself, as after SIGKILL: servers outlive
 * whoever starts them. The guard's input ends with us. Kill it when the servers have been stopped.
 */
export function guardServers(directory: string, then: keyof typeof SCRIPTS): ChildProcess {
  return spawn('/bin/sh', ['-c', `read nothing; ${SCRIPTS[then]}`], {
    cwd: repositoryDirectory,
    detached: true,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TXMSG_STACK_DIR: directory },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
