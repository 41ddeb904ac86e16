import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from 'txmsg/testing';
import { impatientRules } from '../../tools/observability/ops-files.js';
import { call } from './http.js';

const START_DEADLINE_MS = 60_000;
const ALERT_DEADLINE_MS = 120_000;
/** How long a condition must hold, and how far back rates look, instead of the minutes of ops/prometheus/alerts.yml. */
const PATIENCE_S = 5;

/** A bank to scrape. */
export interface ScrapeTarget {
  /** `bank1` or `bank2`: the rules name them. */
  readonly job: string;
  /** Of the bank, with its prefix. */
  readonly url: string;
  readonly token?: string;
}

/** A real Prometheus on loopback, with the rules of ops/ and less patience. It cannot outlive this process for long. */
export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
    private readonly url: string,
  ) {}

  static async start(targets: readonly ScrapeTarget[]): Promise<Prometheus> {
    const directory = await mkdtemp(join(tmpdir(), 'txmsg-prometheus-'));
    await writeFile(join(directory, 'alerts.yml'), impatientRules(PATIENCE_S));
    await writeFile(join(directory, 'prometheus.yml'), JSON.stringify(configuration(targets)));
    const parameters = [
      '--web.listen-address=127.0.0.1:0',
      `--config.file=${join(directory, 'prometheus.yml')}`,
    ];
    const child = spawn('prometheus', [...parameters, `--storage.tsdb.path=${join(directory, 'data')}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const end = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', end);
    child.once('close', () => process.off('exit', end));
    return new Prometheus(child, directory, `http://${await addressOf(child)}`);
  }

  /** The names of the alerts that fire now. */
  async firing(): Promise<string[]> {
    const { body } = await call(`${this.url}/api/v1/alerts`);
    const { alerts } = body?.data as { alerts: { state: string; labels: Record<string, string> }[] };
    const names = alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels }) => labels.alertname ?? '');
    return [...new Set(names)];
  }

  async untilFiring(...names: readonly string[]): Promise<void> {
    await this.until((firing) => names.every((name) => firing.includes(name)), `all of ${names.join(', ')}`);
  }

  async untilClear(...names: readonly string[]): Promise<void> {
    await this.until((firing) => !names.some((name) => firing.includes(name)), `none of ${names.join(', ')}`);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    if (this.child.kill('SIGKILL')) await closed;
    await rm(this.directory, { recursive: true, force: true });
  }

  private async until(isSo: (firing: readonly string[]) => boolean, wanted: string): Promise<void> {
    let firing: string[] = [];
    const check = async (): Promise<boolean> => isSo((firing = await this.firing()));
    await eventually(check, { timeoutMs: ALERT_DEADLINE_MS, intervalMs: 500 }).catch((cause: unknown) => {
      throw new Error(`wanted ${wanted}; these fire: ${firing.join(', ')}`, { cause });
    });
  }
}

/** JSON is YAML too. */
function configuration(targets: readonly ScrapeTarget[]): object {
  return {
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
    rule_files: ['alerts.yml'],
    scrape_configs: targets.map(({ job, url, token }) => ({
      job_name: job,
      // A reading may take 2 s.
      scrape_interval: '1s',
      scrape_timeout: '1s',
      metrics_path: `${new URL(url).pathname}/metrics`,
      static_configs: [{ targets: [new URL(url).host] }],
      ...(token !== undefined && { authorization: { credentials: token } }),
    })),
  };
}

/** The port that it took, which it tells in its log. */
async function addressOf(child: ChildProcess): Promise<string> {
  const lines: string[] = [];
  let address: string | undefined;
  createInterface({ input: child.stderr ?? process.stdin }).on('line', (line) => {
    lines.push(line);
    address ??= /msg="Listening on" address=(\S+)/.exec(line)?.[1];
  });
  await eventually(() => address !== undefined || child.exitCode !== null, { timeoutMs: START_DEADLINE_MS });
  if (address === undefined) throw new Error(`Prometheus did not start:\n${lines.join('\n')}`);
  return address;
}
