import { metrics } from '@opentelemetry/api';
import { StartupError } from '../startup/startup.error.js';

/** Where a scrape gets its text. */
export interface MetricsSource {
  /** All metrics in Prometheus's text format, within a bounded time. */
  text(): Promise<string>;
}

/**
 * From now on every metric of this process is counted. The SDK is loaded only then: it takes memory and start time.
 * Instruments that were made before stay without effect.
 * @throws StartupError when another SDK counts already: this one would serve nothing
 */
export async function startMetrics(): Promise<MetricsSource> {
  const [{ MeterProvider }, { ScrapeReader }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    import('./scrape-reader.js'),
  ]);
  const reader = new ScrapeReader();
  if (!metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))) {
    throw new StartupError(
      'METRICS_ENABLED is true, but another OpenTelemetry SDK counts in this process already (NODE_OPTIONS?), and /metrics would be empty. Use one of them: METRICS_ENABLED=false leaves it to the other.',
    );
  }
  return reader;
}
