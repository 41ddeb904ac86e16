import { join } from 'node:path';
import { TEST_BROKER_SETTINGS } from '../stack/broker-settings.js';
import { LocalStack } from '../stack/local-stack.js';
import type { SeataVersion } from '../stack/seata-version.js';
import { repositoryDirectory } from '../stack/stack-paths.js';

/**
 * The servers of the tests: beside the developer's own stack, on other ports, with a broker that asks about half
 * messages early, and refuses none because the machine is busy.
 *
 * @param seata - the coordinator that it has besides
 */
export function testStack(onProgress: (line: string) => void, seata?: SeataVersion): LocalStack {
  return new LocalStack({
    directory: join(repositoryDirectory, '.stack', 'test'),
    ports: { mysql: 54306, namesrv: 19876, broker: 20911, proxy: 18081, seata: 19091, seataConsole: 19090 },
    broker: TEST_BROKER_SETTINGS,
    ...(seata && { seata }),
    onProgress,
  });
}
