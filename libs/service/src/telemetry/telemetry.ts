import { startMetrics, type MetricsSource } from './metrics.js';
import { isTracingWanted, startTracing, type Tracing } from './tracing.js';

export interface TelemetryOptions {
  /** The name of the service in traces, unless OpenTelemetry's variables name another one. */
  readonly serviceName: string;
  /** Whether metrics are counted, for `TelemetryModule` to serve. */
  readonly hasMetrics: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a process tells about itself; each is undefined where nobody asked for it. */
export interface Telemetry {
  readonly metrics: MetricsSource | undefined;
  readonly tracing: Tracing | undefined;
}

/**
 * Begins to observe this process. To be called before the application is made: instruments that exist earlier record
 * nothing.
 * @throws StartupError when OpenTelemetry's variables ask for what a service does not have
 */
export async function startTelemetry({
  serviceName,
  hasMetrics,
  environment,
}: TelemetryOptions): Promise<Telemetry> {
  const isTraced = isTracingWanted(environment);
  return {
    metrics: hasMetrics ? await startMetrics() : undefined,
    tracing: isTraced ? await startTracing(serviceName, environment) : undefined,
  };
}
