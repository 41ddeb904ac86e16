import { StackError } from '../../stack/stack-error.js';
import type { ComposeCase } from '../compose-case.js';
import type { ComposeProject } from '../compose-project.js';

/** A bank that is not connected stays up and keeps trying; it is ended after so many seconds. */
const SECONDS = 25;
const START = `timeout ${SECONDS} node --env-file-if-exists=/run/secrets/bank.env dist/main.js || true`;

export const strangersRefused: ComposeCase = {
  title:
    'RocketMQ refuses a bank with no user, with a wrong secret, and without the right, and the bank says so',
  async play({ project }) {
    const noUser = { ROCKETMQ_ACCESS_KEY: '', ROCKETMQ_ACCESS_SECRET: '' };
    await expectSaid(project, noUser, 'wants a user and its secret, and none is configured');
    const wrong = { ROCKETMQ_ACCESS_SECRET: 'wrong' };
    await expectSaid(project, wrong, 'does not know this user, or its secret is another one');
    // What only bank1 may receive. Its group too: this one's stands for another topic in this database.
    const others = {
      TRANSFER_TOPIC: 'topic_txmsg_result',
      CONSUMER_GROUP: 'consumer_group_txmsg_bank1_result',
    };
    await expectSaid(project, others, 'grants this user no right to it');
    return undefined;
  },
};

/** A second bank2 in the container of the running one. */
async function expectSaid(
  project: ComposeProject,
  environment: Readonly<Record<string, string>>,
  sentence: string,
): Promise<void> {
  const output = await project.execute('bank2', ['sh', '-c', START], { PORT: '56099', ...environment });
  if (output.includes(sentence)) return;
  throw new StackError(
    `A bank2 with ${JSON.stringify(environment)} did not say "${sentence}", but: ${output}`,
  );
}
