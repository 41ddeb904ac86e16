import { randomUUID } from 'node:crypto';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { waitAtMost } from 'txmsg/building-blocks';
import { StartupError } from '../startup/startup.error.js';
import { TelemetryLogger } from './telemetry.logger.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Traces that are being exported. */
export interface Tracing {
  /** Sends what is still queued; what the collector has not accepted within `timeoutMs` is dropped. Never rejects. */
  end(timeoutMs: number): Promise<void>;
}

/**
 * Whether OpenTelemetry's own variables ask for traces: an exporter, or the address of a collector, is named.
 * @throws StartupError for an exporter that a service does not have
 */
export function isTracingWanted(environment: Environment): boolean {
  const text = (name: string): string => environment[name]?.trim() ?? '';
  if (text('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false;
  const exporter = text('OTEL_TRACES_EXPORTER');
  if (exporter !== '' && exporter !== 'otlp' && exporter !== 'none') {
    throw new StartupError(`OTEL_TRACES_EXPORTER is ${JSON.stringify(exporter)}, but must be otlp or none.`);
  }
  if (exporter !== '') return exporter === 'otlp';
  return text('OTEL_EXPORTER_OTLP_ENDPOINT') !== '' || text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') !== '';
}

/**
 * From now on spans are sent to a collector, in batches and in the background. All else is said by OpenTelemetry's
 * variables. Nothing waits for the collector: its queue is bounded, and what does not fit is dropped.
 */
export async function startTracing(serviceName: string, environment: Environment): Promise<Tracing> {
  const { NodeSDK, core, resources } = await import('@opentelemetry/sdk-node');
  if (!environment.OTEL_LOG_LEVEL) diag.setLogger(new TelemetryLogger(), { logLevel: DiagLogLevel.WARN });
  const sdk = new NodeSDK({
    // What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes on top.
    resource: resources.resourceFromAttributes({
      'service.name': serviceName,
      'service.instance.id': randomUUID(),
    }),
    resourceDetectors: [resources.envDetector],
    // Baggage is free text of strangers; it goes no further unless an operator wants it.
    ...(environment.OTEL_PROPAGATORS ? {} : { textMapPropagator: new core.W3CTraceContextPropagator() }),
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return { end: (timeoutMs) => waitAtMost(sdk.shutdown(), timeoutMs) };
}
