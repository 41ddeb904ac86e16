import { metrics } from '@opentelemetry/api';

/** Where a scrape gets its text. */
export interface MetricsSource {
  /** All metrics in Prometheus's text format, within a bounded time. */
  text(): Promise<string>;
}

/**
 * From now on every metric of this process is counted. The SDK is loaded only then: it takes memory and start time.
 * Instruments that were made before stay without effect.
 */
export async function startMetrics(): Promise<MetricsSource> {
  const [{ MeterProvider }, { ScrapeReader }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    import('./scrape-reader.js'),
  ]);
  const reader = new ScrapeReader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return reader;
}
