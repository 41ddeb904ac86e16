import { setTimeout as delay } from 'node:timers/promises';
import { Logger, Module, type DynamicModule, type NestApplicationOptions } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { isDatabaseTrouble } from 'txmsg/building-blocks';
import { loadSettings } from '../configuration/load-settings.js';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { applicationOptions, createServiceHttp } from '../http/service-http.js';
import { startTelemetry, type Telemetry } from '../telemetry/telemetry.js';
import { TelemetryModule } from '../telemetry/telemetry.module.js';
import { limitShutdown } from './shutdown-limit.js';
import { listenFailure, startFailureLines } from './start-failure.js';
import { DATABASE_PAUSE_MS, waitForDatabase } from './wait-for-database.js';

/** What is left of the shutdown's time when the requests are over (shutdownPhases) and the database is let go of. */
const FLUSH_MAX_MS = 1000;

export interface ServiceDefinition<Settings extends ServiceSettings> {
  readonly settings: new () => Settings;
  readonly module: (settings: Settings) => DynamicModule;
  /** Stands on the OpenAPI page. */
  readonly description: string;
  /** One of the service's own tables: the start waits until the database answers and has it. */
  readonly table: string;
  /** What an operator should know about settings that are allowed. @default nothing */
  readonly warnings?: (settings: Settings) => readonly string[];
}

@Module({})
class ObservedService {}

/**
 * Starts a service and serves until a signal ends it. Whatever keeps it from starting is told in one sentence, and
 * the process ends with exit code 1. The broker may be away: readiness is red until it is there.
 */
export async function runService<Settings extends ServiceSettings>(
  service: ServiceDefinition<Settings>,
): Promise<void> {
  const { serviceName } = new service.settings();
  try {
    const settings = loadSettings(service.settings, process.env);
    await startConnected(service, settings);
  } catch (error) {
    process.stderr.write(`${startFailureLines(serviceName, error).join('\n')}\n`);
    // Not `exitCode`: a failed start may leave connections open that would keep the process alive.
    process.exit(1);
  }
}

/** The database may go away again after it was waited for; the start is then repeated until its time is over. */
async function startConnected<Settings extends ServiceSettings>(
  service: ServiceDefinition<Settings>,
  settings: Settings,
): Promise<void> {
  const endsAtMs = performance.now() + settings.databaseStartTimeoutMs;
  const options = applicationOptions(settings);
  if (options.logger) Logger.overrideLogger(options.logger);
  for (const warning of service.warnings?.(settings) ?? []) new Logger('Startup').warn(warning);
  const telemetry = await startTelemetry({
    serviceName: settings.serviceName,
    hasMetrics: settings.metricsEnabled,
    environment: process.env,
  });
  for (;;) {
    await waitForDatabase(settings, service.table);
    try {
      await listen(await createApplication(service, settings, options, telemetry), settings);
      return;
    } catch (error) {
      if (!isDatabaseTrouble(error) || performance.now() > endsAtMs) throw error;
    }
    await delay(DATABASE_PAUSE_MS);
  }
}

async function createApplication<Settings extends ServiceSettings>(
  service: ServiceDefinition<Settings>,
  settings: Settings,
  options: NestApplicationOptions,
  telemetry: Telemetry,
): Promise<NestFastifyApplication> {
  const module = withTelemetry(service.module(settings), settings, telemetry);
  const app = await createServiceHttp(module, settings, service.description, options);
  app.enableShutdownHooks([], { useProcessExit: true });
  limitShutdown(settings.serviceName, settings.shutdownTimeoutMs);
  return app;
}

async function listen(app: NestFastifyApplication, settings: ServiceSettings): Promise<void> {
  const { serviceName, host, port } = settings;
  try {
    await app.init();
    // Not `app.listen`: it logs an error of its own beside the sentence that the operator gets.
    const address = await app.getHttpAdapter().getInstance().listen({ host, port });
    new Logger('Startup').log(`${serviceName} listens on ${address}/${serviceName}`);
  } catch (error) {
    // Broker clients sign off, so that no message waits for a process that is gone.
    await Promise.race([app.close().catch(() => undefined), delay(settings.shutdownTimeoutMs)]);
    throw listenFailure(error, host, port);
  }
}

function withTelemetry(
  service: DynamicModule,
  settings: ServiceSettings,
  telemetry: Telemetry,
): DynamicModule {
  const { serviceName, metricsToken, shutdownTimeoutMs } = settings;
  const flushTimeoutMs = Math.min(FLUSH_MAX_MS, Math.floor(shutdownTimeoutMs / 10));
  const options = { serviceName, telemetry, metricsToken, flushTimeoutMs };
  return { module: ObservedService, imports: [service, TelemetryModule.forRoot(options)] };
}
