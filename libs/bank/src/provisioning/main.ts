import 'reflect-metadata';
import { eventually, RocketmqAdmin } from 'txmsg/testing';
import { createTopicsAndGroups } from './topics.js';

/** A broker that has just started registers with the name server after some seconds, a busy one later. */
const BROKER_DEADLINE_MS = 60_000;
const CALL_TIMEOUT_MS = 15_000;

/**
 * `ROCKETMQ_NAMESRV=host:port node dist/provisioning/main.js`: waits for a broker and gives it the topics and groups
 * of both banks.
 */
async function main(namesrv: string | undefined): Promise<void> {
  if (!namesrv) throw new Error('ROCKETMQ_NAMESRV is not set: it must be the host:port of the name server.');
  const admin = new RocketmqAdmin({ namesrv, timeoutMs: CALL_TIMEOUT_MS });
  try {
    await eventually(() => admin.brokers(), { timeoutMs: BROKER_DEADLINE_MS, intervalMs: 500 });
    await createTopicsAndGroups(admin);
    process.stdout.write('The topics and groups of both banks are there.\n');
  } finally {
    admin.close();
  }
}

try {
  await main(process.env.ROCKETMQ_NAMESRV);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The topics and groups of the banks could not be made: ${reason}\n`);
  process.exitCode = 1;
}
