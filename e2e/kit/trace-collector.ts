import { JaegerCollector } from './jaeger.js';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';

/** Takes the spans of banks that are started with its settings. */
export interface TraceCollector {
  readonly settings: Record<string, string>;
  /** What has arrived of it so far. */
  ofTrace(traceId: string): Promise<ReceivedSpan[]> | ReceivedSpan[];
  close(): Promise<void> | void;
}

/** A small one of our own; with `TXMSG_JAEGER=<path>`, that program: Jaeger 1.x "all in one". */
export function startCollector(): Promise<TraceCollector> {
  const program = process.env.TXMSG_JAEGER;
  return program ? JaegerCollector.start(program) : OtlpReceiver.start();
}
