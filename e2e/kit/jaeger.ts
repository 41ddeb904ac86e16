import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from 'txmsg/testing';
import { freePort } from '../../tools/stack/ports.js';
import { call } from './http.js';
import type { ReceivedSpan } from './otlp-receiver.js';

const START_DEADLINE_MS = 60_000;

/** As Jaeger's query API has it. */
interface JaegerTrace {
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
  readonly spans: readonly {
    readonly traceID: string;
    readonly spanID: string;
    readonly operationName: string;
    readonly processID: string;
    readonly references: readonly {
      readonly refType: string;
      readonly traceID: string;
      readonly spanID: string;
    }[];
    /** In microseconds. */
    readonly startTime: number;
    readonly duration: number;
    readonly tags: readonly { readonly key: string; readonly value: string | number | boolean }[];
  }[];
}

/**
 * A real Jaeger on loopback, which keeps traces in memory: spans come by OTLP over HTTP, in OpenTelemetry's default encoding
 * (protobuf), and are read by its query API.
 */
export class JaegerCollector {
  private constructor(
    private readonly child: ChildProcess,
    private readonly otlpPort: number,
    private readonly queryPort: number,
  ) {}

  static async start(program: string): Promise<JaegerCollector> {
    const [otlpPort, queryPort] = [await freePort(), await freePort()];
    const child = spawn(
      program,
      [
        `--collector.otlp.http.host-port=127.0.0.1:${otlpPort}`,
        `--query.http-server.host-port=127.0.0.1:${queryPort}`,
        ...OTHER_PORTS.map((option) => `--${option}=127.0.0.1:0`),
      ],
      { stdio: 'ignore', env: { PATH: process.env.PATH, SPAN_STORAGE_TYPE: 'memory' } },
    );
    const end = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', end);
    child.once('close', () => process.off('exit', end));
    const jaeger = new JaegerCollector(child, otlpPort, queryPort);
    await eventually(async () => (await call(`${jaeger.queryUrl}/api/services`)).status === 200, {
      timeoutMs: START_DEADLINE_MS,
    });
    return jaeger;
  }

  /** The protocol is the default one. */
  get settings(): Record<string, string> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.otlpPort}`,
      OTEL_BSP_SCHEDULE_DELAY: '200',
    };
  }

  async ofTrace(traceId: string): Promise<ReceivedSpan[]> {
    const { status, body } = await call(`${this.queryUrl}/api/traces/${traceId}`);
    if (status !== 200) return [];
    const traces = (body?.data ?? []) as JaegerTrace[];
    return traces.flatMap(spansOf);
  }

  async close(): Promise<void> {
    const closed = once(this.child, 'close');
    if (this.child.kill('SIGKILL')) await closed;
  }

  private get queryUrl(): string {
    return `http://127.0.0.1:${this.queryPort}`;
  }
}

/** What else it listens on, for which any free port does. */
const OTHER_PORTS = [
  'admin.http.host-port',
  'collector.grpc-server.host-port',
  'collector.http-server.host-port',
  'collector.otlp.grpc.host-port',
  'query.grpc-server.host-port',
];

function spansOf({ processes, spans }: JaegerTrace): ReceivedSpan[] {
  return spans.map(({ traceID, spanID, operationName, processID, references, startTime, duration, tags }) => {
    const parent = references.find((it) => it.refType === 'CHILD_OF' && it.traceID === traceID);
    return {
      service: processes[processID]?.serviceName ?? 'unknown',
      name: operationName,
      kind: KINDS.indexOf(String(tags.find(({ key }) => key === 'span.kind')?.value ?? 'internal')),
      traceId: traceID,
      spanId: spanID,
      ...(parent === undefined ? {} : { parentSpanId: parent.spanID }),
      startTimeUnixNano: `${startTime}000`,
      endTimeUnixNano: `${startTime + duration}000`,
      attributes: tags.map(({ key, value }) => ({
        key,
        value: typeof value === 'number' ? { intValue: value } : { stringValue: String(value) },
      })),
    };
  });
}

/** Their numbers in OTLP are their places here. */
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
