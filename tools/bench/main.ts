import 'reflect-metadata';
import { BANKS, SEATA_BANKS } from '@txmsg/contracts';
import { buildServices } from '../../e2e/kit/service-build.js';
import { exitCodeOf } from '../program.js';
import { parseCommand } from './bench-options.js';
import { benchGrowth } from './growth/growth.bench.js';
import { benchLimits } from './limits/limits.bench.js';
import { benchNotification } from './notification/notification.bench.js';
import { benchPatterns } from './patterns/patterns.bench.js';
import { benchProfile } from './profile/profile.bench.js';
import { benchPurge } from './purge.bench.js';
import { benchSoak } from './soak/soak.bench.js';
import { benchTelemetry } from './telemetry/telemetry.bench.js';
import { benchTransfers } from './transfer/transfer.bench.js';

/** `npm run bench`: figures of this machine, for people to compare; nothing is judged by them. */
async function main(parameters: readonly string[]): Promise<number> {
  const command = parseCommand(parameters);
  const tell = (line: string): void => {
    console.error(line);
  };
  // It measures a service of its own, which runs from source.
  if (command.kind !== 'notification') {
    await buildServices(command.kind === 'patterns' ? [...BANKS, ...SEATA_BANKS] : BANKS);
  }
  switch (command.kind) {
    case 'transfer':
      await benchTransfers(command.options, tell);
      return 0;
    case 'profile':
      await benchProfile(command.options, tell);
      return 0;
    case 'soak':
      await benchSoak(command.options, tell);
      return 0;
    case 'patterns':
      await benchPatterns(command.options, tell);
      return 0;
    case 'growth':
      await benchGrowth(command.options, tell);
      return 0;
    case 'telemetry':
      await benchTelemetry(command.options, tell);
      return 0;
    case 'limits':
      await benchLimits(command.options, tell);
      return 0;
    case 'notification':
      await benchNotification(command.options, tell);
      return 0;
    case 'purge':
      await benchPurge(tell);
      return 0;
  }
}

process.exitCode = await exitCodeOf(main);
