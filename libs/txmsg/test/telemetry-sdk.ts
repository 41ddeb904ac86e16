import {
  context,
  metrics,
  propagation,
  trace,
  type Attributes,
  type ContextManager,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { DataPointType, MeterProvider, MetricReader, type MetricData } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';

class ManualReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export interface TelemetrySdkOptions {
  readonly processors?: readonly SpanProcessor[];
  readonly propagator?: TextMapPropagator;
  readonly contextManager?: ContextManager;
  readonly sampler?: Sampler;
}

/** A value of a metric; of a histogram, how many values there were and their sum. */
export interface MetricPoint {
  readonly labels: Attributes;
  readonly value: number;
  readonly count?: number;
}

/** A real SDK, registered for this test file until `end`. Made before the application. */
export class TelemetrySdk {
  private readonly exporter = new InMemorySpanExporter();
  private readonly reader = new ManualReader();

  constructor({ processors = [], propagator, contextManager, sampler }: TelemetrySdkOptions = {}) {
    const spanProcessors = [new SimpleSpanProcessor(this.exporter), ...processors];
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors, ...(sampler === undefined ? {} : { sampler }) }),
    );
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [this.reader] }));
    propagation.setGlobalPropagator(propagator ?? new W3CTraceContextPropagator());
    context.setGlobalContextManager(contextManager ?? new AsyncLocalStorageContextManager().enable());
  }

  /** In the order in which they ended. */
  get spans(): ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  forgetSpans(): void {
    this.exporter.reset();
  }

  /** As a scrape does. */
  async collect(): Promise<MetricData[]> {
    const { resourceMetrics, errors } = await this.reader.collect();
    if (errors.length > 0) throw new Error('collecting failed', { cause: errors[0] });
    return resourceMetrics.scopeMetrics
      .filter(({ scope }) => scope.name === 'txmsg')
      .flatMap((scope) => scope.metrics);
  }

  async points(name: string): Promise<MetricPoint[]> {
    const metric = (await this.collect()).find(({ descriptor }) => descriptor.name === name);
    return metric === undefined ? [] : pointsOf(metric);
  }

  end(): void {
    trace.disable();
    metrics.disable();
    propagation.disable();
    context.disable();
  }
}

export function pointsOf(metric: MetricData): MetricPoint[] {
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    return metric.dataPoints.map(({ attributes, value }) => ({
      labels: attributes,
      value: value.sum ?? 0,
      count: value.count,
    }));
  }
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) throw new Error('none is made');
  return metric.dataPoints.map(({ attributes, value }) => ({ labels: attributes, value }));
}
