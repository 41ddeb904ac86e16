import { writeFileSync } from 'node:fs';
import type { NotificationOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { MESSAGES_PER_SECOND, planned } from './notification-plan.js';
import { notificationLines } from './notification-report.js';
import { NotificationRuns, type NotificationFigures } from './notification-run.js';
import { NotifyingProcess } from './notifying-process.js';
import { WorkSender } from './work-sender.js';

const SIDES = ['without', 'with'] as const;

/**
 * What 70 subscribers notice of 30 dead ones beside them: messages at a steady rate, without the dead and with them in turn,
 * through the same process and servers.
 */
export async function benchNotification(
  options: NotificationOptions,
  tell: (line: string) => void,
): Promise<void> {
  const { fanOut, seconds, pairs, warmUp, json } = options;
  const world = await BenchWorld.start(tell);
  const opened: (() => Promise<void>)[] = [() => world.stop()];
  try {
    tell('Starting the service …');
    const service = await NotifyingProcess.start(world);
    opened.push(() => service.stop());
    const sender = await WorkSender.start(world, fanOut);
    opened.push(() => sender.close());
    const runs = new NotificationRuns(world, service, sender, planned(fanOut));
    opened.push(() => runs.close());
    await runs.prepare();
    tell('Warming up …');
    if (warmUp > 0) await runs.run('without', 'warm-up', warmUp);
    const figures: NotificationFigures[] = [];
    for (let pair = 1; pair <= pairs; pair++) {
      for (const side of SIDES) {
        tell(`${side} the dead, run ${pair} of ${pairs} …`);
        figures.push(await runs.run(side, `${side}-${pair}`, seconds * MESSAGES_PER_SECOND));
      }
    }
    console.log(
      `${MESSAGES_PER_SECOND} messages a second, each told to ${fanOut} of 100 subscribers, of which 30 are dead`,
    );
    for (const line of notificationLines(figures)) console.log(line);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ options, runs: figures }, null, 2)}\n`);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}
