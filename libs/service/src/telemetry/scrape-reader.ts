import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { AggregationTemporality, InstrumentType, MetricReader } from '@opentelemetry/sdk-metrics';

/** Longer than any reading may take, and shorter than Prometheus waits (10 s, unless told otherwise). */
const COLLECT_TIMEOUT_MS = 5000;

/**
 * Reads all metrics when somebody scrapes. Not the exporter that comes with the serializer: that one brings an HTTP
 * server of its own, and sends the last value of a gauge again when nothing was observed.
 */
export class ScrapeReader extends MetricReader {
  private readonly serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  private running: Promise<string> | undefined;

  constructor() {
    super({
      // "Delta" makes the SDK (2.12.0) forget a gauge that was not observed; with "cumulative" it keeps the last value,
      // and an alert on it would never clear. Its spec: "leaves out what was not read, also when it was known before".
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.OBSERVABLE_GAUGE
          ? AggregationTemporality.DELTA
          : AggregationTemporality.CUMULATIVE,
    });
  }

  /** All metrics in Prometheus's text format. Scrapes that come together share one collection. */
  text(): Promise<string> {
    this.running ??= this.read().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  protected override async onForceFlush(): Promise<void> {
    // Nothing is kept back.
  }

  protected override async onShutdown(): Promise<void> {
    // Nothing is held.
  }

  private async read(): Promise<string> {
    const { resourceMetrics } = await this.collect({ timeoutMillis: COLLECT_TIMEOUT_MS });
    return this.serializer.serialize(resourceMetrics);
  }
}
