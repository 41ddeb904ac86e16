import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics, trace } from '@opentelemetry/api';
import { startTelemetry } from '../../../libs/service/src/telemetry/telemetry.js';
import type { ComparisonOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { linesAgainstFirst, runInTurn } from '../transfer/in-turn.js';
import type { OurSide } from '../transfer/our-side.js';
import { separateSide } from '../transfer/separate-side.js';
import { pathMicroseconds } from './instrumented-path.js';

const SCRAPE_INTERVAL_MS = 15_000;
const FLUSH_TIMEOUT_MS = 5000;

/**
 * What telemetry costs: the banks without an SDK, with metrics that are scraped, and with traces of which one in ten is
 * sampled, each pair with databases of its own, in turn on the same servers. Then the library's spans and metrics alone,
 * in this process, since the difference is smaller than what two runs of the same banks differ by.
 */
export async function benchTelemetry(
  options: ComparisonOptions,
  tell: (line: string) => void,
): Promise<void> {
  const collector = createServer((request, response) => {
    // An answer of no bytes is the encoding of one that has nothing to say.
    request.resume().on('end', () => response.writeHead(200).end());
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  try {
    const traced = tracedEnvironment(collector);
    await compareBanks(options, traced, tell);
    tell('The library alone …');
    for (const line of await aloneLines(traced)) console.log(line);
  } finally {
    collector.closeAllConnections();
    collector.close();
  }
}

function tracedEnvironment(collector: Server): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
  };
}

async function compareBanks(
  options: ComparisonOptions,
  traced: Readonly<Record<string, string>>,
  tell: (line: string) => void,
): Promise<void> {
  const world = await BenchWorld.start(tell);
  const sides: OurSide[] = [];
  let scraping: NodeJS.Timeout | undefined;
  try {
    for (const [name, own, environment] of [
      ['without', 'bench_plain', {}],
      ['metrics', 'bench_metrics', { METRICS_ENABLED: 'true' }],
      ['traces, 10 %', 'bench_traces', traced],
    ] as const) {
      const { side } = await separateSide(world, own, name, { ...options.settings, ...environment });
      sides.push(side);
    }
    tell('Starting the banks …');
    for (const side of sides) await side.start();
    scraping = setInterval(() => {
      for (const url of sides[1]?.urls() ?? []) void fetch(`${url}/metrics`).then((answer) => answer.text());
    }, SCRAPE_INTERVAL_MS);
    const runs = await runInTurn(world, sides, options, tell);
    for (const line of linesAgainstFirst(sides, runs, options.callers)) console.log(line);
  } finally {
    clearInterval(scraping);
    for (const side of sides) await side.stop();
    await world.stop();
  }
}

async function aloneLines(traced: Readonly<Record<string, string>>): Promise<string[]> {
  // Before any SDK: one for traces makes every promise of the process a little slower.
  const bare = await pathMicroseconds(false);
  const microseconds = async (environment: Readonly<Record<string, string>>, hasMetrics: boolean) => {
    Object.assign(process.env, environment);
    const telemetry = await startTelemetry({ serviceName: 'bench', hasMetrics, environment });
    try {
      return (await pathMicroseconds(true)) - bare;
    } finally {
      await telemetry.tracing?.end(FLUSH_TIMEOUT_MS);
      metrics.disable();
      trace.disable();
      for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
    }
  };
  const line = (name: string, value: number): string =>
    `  ${name.padEnd(14)}${value.toFixed(1).padStart(8)} µs of CPU`;
  return [
    '',
    'The library alone, for one transfer and its result:',
    line('without an SDK', await microseconds({}, false)),
    line('metrics', await microseconds({}, true)),
    line('traces, 10 %', await microseconds(traced, false)),
  ];
}
