import { setTimeout as delay } from 'node:timers/promises';
import { Logger, Module, type DynamicModule, type NestApplicationOptions } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { isDatabaseTrouble } from 'txmsg/building-blocks';
import type { BankSettings } from '../configuration/bank-settings.js';
import { loadSettings } from '../configuration/load-settings.js';
import { bankApplicationOptions, createBankHttp } from '../http/bank-http.js';
import { startTelemetry, type Telemetry } from '../telemetry/telemetry.js';
import { TelemetryModule } from '../telemetry/telemetry.module.js';
import { developmentSecretWarning } from './development-secret.js';
import { limitShutdown } from './shutdown-limit.js';
import { listenFailure, startFailureLines } from './start-failure.js';
import { waitForDatabase } from './wait-for-database.js';

/** What is left of the shutdown's time when the requests are over (shutdownPhases) and the database is let go of. */
const FLUSH_MAX_MS = 1000;

export interface BankDefinition<Settings extends BankSettings> {
  readonly settings: new () => Settings;
  readonly module: (settings: Settings) => DynamicModule;
  /** Stands on the OpenAPI page. */
  readonly description: string;
}

@Module({})
class ObservedBank {}

/**
 * Starts a bank and serves until a signal ends it. Whatever keeps it from starting is told in one sentence, and
 * the process ends with exit code 1. The broker may be away: readiness is red until it is there.
 */
export async function runBank<Settings extends BankSettings>(bank: BankDefinition<Settings>): Promise<void> {
  const { bankName } = new bank.settings();
  try {
    const settings = loadSettings(bank.settings, process.env);
    await startConnected(bank, settings);
  } catch (error) {
    process.stderr.write(`${startFailureLines(bankName, error).join('\n')}\n`);
    // Not `exitCode`: a failed start may leave connections open that would keep the process alive.
    process.exit(1);
  }
}

/** The database may go away again after it was waited for; the start is then repeated until its time is over. */
async function startConnected<Settings extends BankSettings>(
  bank: BankDefinition<Settings>,
  settings: Settings,
): Promise<void> {
  const endsAtMs = performance.now() + settings.databaseStartTimeoutMs;
  const options = bankApplicationOptions(settings);
  if (options.logger) Logger.overrideLogger(options.logger);
  const warning = developmentSecretWarning(settings.bankSharedSecret);
  if (warning !== undefined) new Logger('Startup').warn(warning);
  const telemetry = await startTelemetry({
    serviceName: settings.bankName,
    hasMetrics: settings.metricsEnabled,
    environment: process.env,
  });
  for (;;) {
    await waitForDatabase(settings);
    try {
      await listen(await createBankApplication(bank, settings, options, telemetry), settings);
      return;
    } catch (error) {
      if (!isDatabaseTrouble(error) || performance.now() > endsAtMs) throw error;
    }
  }
}

async function createBankApplication<Settings extends BankSettings>(
  bank: BankDefinition<Settings>,
  settings: Settings,
  options: NestApplicationOptions,
  telemetry: Telemetry,
): Promise<NestFastifyApplication> {
  const module = withTelemetry(bank.module(settings), settings, telemetry);
  const app = await createBankHttp(module, settings, bank.description, options);
  app.enableShutdownHooks([], { useProcessExit: true });
  limitShutdown(settings.bankName, settings.shutdownTimeoutMs);
  return app;
}

async function listen(app: NestFastifyApplication, settings: BankSettings): Promise<void> {
  const { bankName, host, port } = settings;
  try {
    await app.init();
    // Not `app.listen`: it logs an error of its own beside the sentence that the operator gets.
    const address = await app.getHttpAdapter().getInstance().listen({ host, port });
    new Logger('Startup').log(`${bankName} listens on ${address}/${bankName}`);
  } catch (error) {
    // Broker clients sign off, so that no message waits for a process that is gone.
    await Promise.race([app.close().catch(() => undefined), delay(settings.shutdownTimeoutMs)]);
    throw listenFailure(error, host, port);
  }
}

function withTelemetry(bank: DynamicModule, settings: BankSettings, telemetry: Telemetry): DynamicModule {
  const { bankName, metricsToken, shutdownTimeoutMs } = settings;
  const flushTimeoutMs = Math.min(FLUSH_MAX_MS, Math.floor(shutdownTimeoutMs / 10));
  const options = { serviceName: bankName, telemetry, metricsToken, flushTimeoutMs };
  return { module: ObservedBank, imports: [bank, TelemetryModule.forRoot(options)] };
}
