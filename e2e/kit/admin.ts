import { join } from 'node:path';
import { eventually } from 'txmsg/testing';
import type { FaultRule } from 'txmsg/faults';
import type { ServiceProcess } from './service-process.js';
import { repositoryDirectory } from '../../tools/stack/stack-paths.js';
import { runCommand, type CommandResult } from '../../tools/stack/run-command.js';
import { call, postJson, type Answer } from './http.js';

const TOKEN = 'the-token-of-the-tests';
const HEADERS = { authorization: `Bearer ${TOKEN}` };
const COMMAND_DEADLINE_MS = 120_000;

/** The settings of a bank whose admin routes are open, and which takes faults at run time. */
export const ADMIN_SETTINGS = { ADMIN_TOKEN: TOKEN, FAULTS: '[]' };

/** The admin routes of a running bank; every action is done by "tester". */
export class Admin {
  constructor(private readonly bank: ServiceProcess) {}

  get(path: string): Promise<Answer> {
    return call(`${this.bank.url}/admin/${path}`, { headers: HEADERS });
  }

  post(path: string, body: object = {}): Promise<Answer> {
    return postJson(`${this.bank.url}/admin/${path}`, JSON.stringify({ by: 'tester', ...body }), HEADERS);
  }

  /** From now on the bank meets these faults and no others. */
  async meetFaults(...rules: readonly FaultRule[]): Promise<void> {
    const { status, text } = await this.post('faults', { rules });
    if (status !== 200) throw new Error(`faults were refused: ${status} ${text}`);
  }

  /** The id of the only dead letter of this txNo, as soon as there is one. */
  untilDeadLetter(txNo: string): Promise<string> {
    return eventually(async () => {
      const { body } = await this.get(`dead-letters?txNo=${txNo}`);
      const letters = body?.deadLetters as { id: string }[];
      return letters[0]?.id ?? false;
    });
  }

  /** `npm run txmsg -- <words>`, as a process of its own. */
  command(words: string): Promise<CommandResult> {
    const main = [join(repositoryDirectory, 'tools', 'bootstrap.mjs'), 'cli/main.ts'];
    const { origin } = new URL(this.bank.url);
    const parameters = [...main, ...words.split(' '), '--bank', this.bank.service, '--url', origin];
    return runCommand(process.execPath, parameters, {
      deadlineMs: COMMAND_DEADLINE_MS,
      workingDirectory: repositoryDirectory,
      environment: { ADMIN_TOKEN: TOKEN },
    });
  }
}
