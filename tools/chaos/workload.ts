import type { ServiceName } from '@txmsg/contracts';
import { Callers, type Sent } from './calls.js';
import { Databases } from './databases.js';
import { Random } from './random.js';
import type { ChaosSecrets } from './service-settings.js';

/** A broken promise. */
export interface Violation {
  readonly what: string;
  /** Whose history explains it, when it is about one thing that was asked for. */
  readonly txNo?: string;
}

/** A line of the report. */
export type Figure = readonly [name: string, value: string | number];

/** Where an instance of a service may answer just now. */
export type OneOf = (service: ServiceName) => string | undefined;

/** What a workload is given. */
export interface WorkloadContext {
  /** Of MySQL's administrator. */
  readonly mysqlRootUrl: string;
  /** The instances of a service that may answer just now. */
  readonly urlsOf: (service: ServiceName) => readonly string[];
  readonly secrets: ChaosSecrets;
  readonly seed: number;
  readonly minutes: number;
}

export interface WorkloadNames {
  /** Begins every txNo, so that all workloads together have different ones. */
  readonly name: string;
  /** What is asked for, in the plural, for the report. */
  readonly what: string;
  readonly services: readonly ServiceName[];
  /** Tables with a column tx_no, `schema.table`, beside the library's. */
  readonly tables: readonly string[];
  readonly callers: number;
}

/** What callers ask of a pair of services during a run, and how it is judged at rest. */
export abstract class Workload<One extends Sent = Sent> {
  readonly services: readonly ServiceName[];
  protected readonly databases: Databases;
  protected readonly callers: Callers<One>;
  /** Of its own: how many calls there are depends on the machine, and must not change the faults. */
  protected readonly random: Random;

  constructor(
    private readonly names: WorkloadNames,
    protected readonly context: WorkloadContext,
  ) {
    this.services = names.services;
    this.databases = new Databases(context.mysqlRootUrl, names.services);
    this.random = new Random(context.seed + 1);
    const next = (sent: Sent): One => this.next(sent);
    const call = (one: One): Promise<number> | undefined => this.call(one);
    this.callers = new Callers({ name: names.name, callers: names.callers, next, call }, this.random);
  }

  /** Rows that must be there before the first call. */
  abstract prepare(): Promise<void>;

  start(): void {
    this.callers.start();
  }

  /** No further call is begun; those that are under way finish. */
  stop(): Promise<void> {
    return this.callers.stop();
  }

  /** Everything runs again: asks until the outcome of every call is certain. */
  resolve(deadlineMs: number): Promise<void> {
    return this.callers.resolve(deadlineMs);
  }

  /** How much has not ended, messages that have not gone out included. */
  async underWay(): Promise<number> {
    return (await this.open()) + (await this.databases.unpublished());
  }

  /** At rest. */
  async judge(): Promise<Violation[]> {
    const deadLetters = await this.databases.deadLetters();
    return [...(await this.judgeRows()), ...deadLetters.map((what) => ({ what }))];
  }

  async figures(): Promise<Figure[]> {
    const { what } = this.names;
    const counts = this.callers.counts();
    return [
      [`${what}: accepted`, counts.ACCEPTED],
      ...(await this.ends()),
      [`${what}: refused (4xx)`, counts.REFUSED],
      [`${what}: given up after 503`, counts.NOTHING_DONE],
      [`${what}: still unknown`, counts.UNKNOWN],
    ];
  }

  /** What was asked for under this txNo, by this workload. */
  find(txNo: string): Sent | undefined {
    return this.callers.sent.find((sent) => sent.txNo === txNo);
  }

  /** Every row that belongs to it, as lines. */
  rowsAbout(txNo: string): Promise<string[]> {
    return this.databases.rowsAbout(txNo, this.names.tables);
  }

  close(): Promise<void> {
    return this.databases.close();
  }

  /** One of the instances that may answer just now. */
  protected oneOf(service: ServiceName): string | undefined {
    const urls = this.context.urlsOf(service);
    return urls.length === 0 ? undefined : this.random.oneOf(urls);
  }

  protected abstract next(sent: Sent): One;
  /** As `Calling.call`. */
  protected abstract call(one: One): Promise<number> | undefined;
  /** How much has not ended. */
  protected abstract open(): Promise<number>;
  protected abstract judgeRows(): Promise<Violation[]>;
  /** What became of what was accepted, as lines of the report. */
  protected abstract ends(): Promise<Figure[]>;
}
