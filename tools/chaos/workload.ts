import type { ServiceName } from '@txmsg/contracts';
import type { Sent } from './calls.js';

/** A broken promise. */
export interface Violation {
  readonly what: string;
  /** Whose history explains it, when it is about one thing that was asked for. */
  readonly txNo?: string;
}

/** A line of the report. */
export type Figure = readonly [name: string, value: string | number];

/** What callers ask of a pair of services during a run, and how it is judged at rest. */
export interface Workload {
  /** Those that others ask come first: services are started in this order. */
  readonly services: readonly ServiceName[];
  /** Rows that must be there before the first call. */
  prepare(): Promise<void>;
  start(): void;
  /** No further call is begun; those that are under way finish. */
  stop(): Promise<void>;
  /** Everything runs again: asks until the outcome of every call is certain. */
  resolve(deadlineMs: number): Promise<void>;
  /** How much has not ended, messages that have not gone out included. */
  underWay(): Promise<number>;
  /** At rest. */
  judge(): Promise<Violation[]>;
  figures(): Promise<Figure[]>;
  /** What was asked for under this txNo, by this workload. */
  find(txNo: string): Sent | undefined;
  /** Every row that belongs to it, as lines. */
  rowsAbout(txNo: string): Promise<string[]>;
  close(): Promise<void>;
}

/** What a workload is given. */
export interface WorkloadContext {
  /** Of MySQL's administrator. */
  readonly mysqlRootUrl: string;
  /** The instances of a service that may answer just now. */
  readonly urlsOf: (service: ServiceName) => readonly string[];
  readonly seed: number;
  readonly minutes: number;
}
