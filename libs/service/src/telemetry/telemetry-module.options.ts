import type { Telemetry } from './telemetry.js';

/** An abstract class, because it is also the name by which providers ask for it. */
export abstract class TelemetryModuleOptions {
  abstract readonly serviceName: string;
  abstract readonly telemetry: Telemetry;
  /** What a scrape must present; undefined where the port is private. */
  abstract readonly metricsToken: string | undefined;
  /** How long the end of the service may wait for the collector, in ms. */
  abstract readonly flushTimeoutMs: number;
}
