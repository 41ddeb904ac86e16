import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coordinatorHost, type Coordinator } from './coordinator.js';
import type { StackPorts } from './ports.js';
import { renderProperties } from './rocketmq-configuration.js';
import { readSecret, secretIn } from './secret-file.js';
import { jdbcUrl, type SeataStore } from './seata-store.js';
import { needsDatabase } from './seata-version.js';
import type { StackPaths } from './stack-paths.js';

/** How it logs; the containers' coordinator has the same file. */
export const SEATA_LOGGING = fileURLToPath(new URL('seata-logback.xml', import.meta.url));
/** What stood in the middle of a commit when the server was killed is resumed after this time, not after 130 s. */
export const SEATA_RETRY_DEAD_THRESHOLD_MS = 10_000;

/** Makes the coordinator's secrets, which would else be those that everybody knows. */
export function makeSeataSecrets(paths: StackPaths): void {
  for (const file of [paths.seataConsolePassword, paths.seataSecretKey, paths.seataDatabasePassword])
    secretIn(file);
}

/** Secrets among them: not for the command line, which everybody on this machine can read. */
export function renderSeata(
  paths: StackPaths,
  ports: Pick<StackPorts, 'seata' | 'seataConsole'>,
  coordinator: Coordinator,
  store: SeataStore,
): string {
  const mode = needsDatabase(coordinator.version) ? 'db' : 'file';
  return renderProperties({
    'spring.main.banner-mode': 'off',
    // The console.
    'server.port': ports.seataConsole,
    'server.address': coordinatorHost(coordinator),
    'console.user.username': 'seata',
    'console.user.password': readSecret(paths.seataConsolePassword) ?? '',
    'seata.security.secretKey': signingKey(readSecret(paths.seataSecretKey) ?? ''),
    'seata.server.service-port': ports.seata,
    'seata.server.retry-dead-threshold': SEATA_RETRY_DEAD_THRESHOLD_MS,
    'seata.store.mode': mode,
    'seata.store.session.mode': mode,
    'seata.store.lock.mode': mode,
    ...(mode === 'db'
      ? databaseSettings(coordinator, store)
      : { 'seata.store.file.dir': join(paths.seataData, coordinator.version) }),
  });
}

export function seataSettingsFile(paths: StackPaths): string {
  return join(paths.configuration, 'seata.properties');
}

function databaseSettings(coordinator: Coordinator, store: SeataStore): Record<string, string | number> {
  return {
    'seata.store.db.datasource': 'hikari',
    'seata.store.db.db-type': 'mysql',
    'seata.store.db.driver-class-name': 'com.mysql.cj.jdbc.Driver',
    'seata.store.db.url': jdbcUrl(store, coordinator.network !== undefined),
    'seata.store.db.user': store.database,
    'seata.store.db.password': store.password,
    'seata.store.db.min-conn': 5,
    'seata.store.db.max-conn': 30,
    'seata.store.db.global-table': 'global_table',
    'seata.store.db.branch-table': 'branch_table',
    'seata.store.db.lock-table': 'lock_table',
    'seata.store.db.distributed-lock-table': 'distributed_lock',
    'seata.store.db.query-limit': 1000,
    'seata.store.db.max-wait': 5000,
  };
}

/** The server reads it as base64, and signs with no less than 256 bits. */
function signingKey(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
