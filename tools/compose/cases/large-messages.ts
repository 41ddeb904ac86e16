import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDirectory } from '../../stack/stack-paths.js';
import { waitUntil } from '../../stack/wait-until.js';
import type { ComposeCase } from '../compose-case.js';
import type { ComposeProject } from '../compose-project.js';
import { expectThat } from '../compose-system.js';

const MESSAGES = 100;
/** At a time; each time ends within the deadline of a command. */
const ROUND = 20;
const SCRIPT = join(repositoryDirectory, 'tools', 'compose', 'send-garbage.mjs');
const DEADLINE = { deadlineMs: 5 * 60_000, intervalMs: 1000 };

/** All of them wait for bank2 when it starts, with the memory that docker-compose.yml gives it. */
export const largeMessages: ComposeCase = {
  title: `bank2 survives ${MESSAGES} messages of 4 MB garbage, and credits the transfer behind them`,
  async play(system) {
    const { project } = system;
    await project.kill('bank2');
    const program = ['--env-file-if-exists=/run/secrets/bank.env', '--input-type=module', '--eval'];
    for (let sent = 0; sent < MESSAGES; sent += ROUND) {
      const command = ['node', ...program, readFileSync(SCRIPT, 'utf8')];
      await project.execute('bank1', command, { COUNT: String(ROUND) });
    }
    const txNo = system.newTxNo();
    const answer = await (await system.bank('bank1')).transfer({ txNo, amount: '1.00' });
    expectThat('The transfer', answer.status, 201);

    await project.restart('bank2');
    const lives = await livesOf(project);
    await system.untilCompleted([txNo]);
    await waitUntil('All the dead letters', DEADLINE, async () => {
      const stored = await system.openDeadLetters('bank2', 'POISON');
      if (stored < MESSAGES) throw new Error(`${stored} of ${MESSAGES} are stored.`);
      return true;
    });
    expectThat('What bank2 lived through', await livesOf(project), lives);
    return `bank2 had ${await peakMemory(project)} at most`;
  },
};

/** Whether its process was ended since. */
async function livesOf(project: ComposeProject): Promise<string> {
  const format =
    '{{.State.StartedAt}} restarted {{.RestartCount}} times, out of memory: {{.State.OOMKilled}}';
  return project.docker(['inspect', '--format', format, ...(await project.containers('bank2'))]);
}

/** Of the largest process, which is the bank. */
async function peakMemory(project: ComposeProject): Promise<string> {
  const status = await project.execute('bank2', ['sh', '-c', 'cat /proc/[0-9]*/status']);
  const peaks = [...status.matchAll(/^VmHWM:\s+(\d+) kB$/gm)].map(([, kib]) => Number(kib));
  return `${Math.round(Math.max(...peaks) / 1024)} MB`;
}
