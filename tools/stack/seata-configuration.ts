import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { writeFileAtomically } from './atomic-file.js';
import { coordinatorHost, type Coordinator } from './coordinator.js';
import type { StackPorts } from './ports.js';
import { renderProperties } from './rocketmq-configuration.js';
import { readSecret, secretIn } from './secret-file.js';
import { jdbcUrl, type SeataStore } from './seata-store.js';
import { needsDatabase } from './seata-version.js';
import type { StackPaths } from './stack-paths.js';

/** Only what goes wrong: INFO is several lines for every request. The other logger finds fault with the console's own code. */
const LOGGING = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d %-5level [%thread] %logger{30} - %msg%n</pattern></encoder>
  </appender>
  <logger name="org.springframework.security.config.annotation.web.builders.WebSecurity" level="ERROR"/>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
`;

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
    // What stood in the middle of a commit when the server was killed is taken up after this time, not after 130 s.
    'seata.server.retry-dead-threshold': 10_000,
    'seata.store.mode': mode,
    'seata.store.session.mode': mode,
    'seata.store.lock.mode': mode,
    ...(mode === 'db'
      ? databaseSettings(coordinator, store)
      : { 'seata.store.file.dir': join(paths.seataData, coordinator.version) }),
  });
}

export function configurationFilesOf(paths: StackPaths): { settings: string; logging: string } {
  const folder = join(paths.configuration, 'seata');
  return { settings: join(folder, 'seata.properties'), logging: join(folder, 'logback.xml') };
}

export function writeSeataConfiguration(paths: StackPaths, configuration: string): void {
  const { settings, logging } = configurationFilesOf(paths);
  writeFileAtomically(settings, configuration);
  writeFileAtomically(logging, LOGGING);
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
