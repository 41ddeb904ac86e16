import { parseArgs } from 'node:util';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { serviceNamed } from '@txmsg/contracts';
import { serviceProgram } from '../../e2e/kit/service-process.js';
import {
  DEFAULT_SEATA_VERSION,
  isSeataVersion,
  SEATA_VERSIONS,
  type SeataVersion,
} from '../stack/seata-version.js';
import { StackError } from '../stack/stack-error.js';
import { servicesOf, WORKLOAD_NAMES, type WorkloadName } from './workloads.js';

export const USAGE = `npm run chaos [-- --minutes 10] [--seed 1] [--of all] [--transport mixed]
                      [--seata 2.0.0-db] [--report file.json] [--previous folder]

  --minutes   how long faults are made, from 0.5 to 600; what follows (healing, waiting, checking) comes on top
  --seed      which faults, in which order: a whole number; without it one is chosen and printed
  --of        whose services run and are called: ${WORKLOAD_NAMES.join(', ')}, or all (default: banks)
  --transport how the services speak to RocketMQ: grpc (through the proxy, the default), remoting (by its own protocol),
              or mixed: one instance of each either way
  --seata     the transaction coordinator of services that need one: ${SEATA_VERSIONS.join(' or ')} (default: ${DEFAULT_SEATA_VERSION})
  --report    a file that gets the results as JSON
  --previous  a checkout of the version before, built ("npm run build" there): of each
              service, one instance runs that version, on the same database`;

const TRANSPORTS = ['grpc', 'remoting', 'mixed'] as const;
export type ChaosTransport = (typeof TRANSPORTS)[number];

const OPTION_NAMES = ['minutes', 'seed', 'of', 'transport', 'seata', 'report', 'previous'] as const;
type OptionName = (typeof OPTION_NAMES)[number];

const SEED_MAX = 4_294_967_295;

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly of: readonly WorkloadName[];
  readonly transport: ChaosTransport;
  /** The coordinator; undefined when no service needs one. */
  readonly seata: SeataVersion | undefined;
  /** An absolute path. */
  readonly report: string | undefined;
  /** An absolute path. */
  readonly previous: string | undefined;
}

/** @throws StackError that names what is wrong */
export function parseOptions(parameters: readonly string[], randomSeed: () => number): ChaosOptions {
  const values = valuesOf(parameters);
  const { minutes = '10', seed, of = 'banks', transport = 'grpc', seata, report, previous } = values;
  const workloads = workloadsOf(of);
  return {
    minutes: numberOf('--minutes', minutes, /^\d{1,3}(\.\d{1,2})?$/, 0.5, 600),
    seed: seed === undefined ? randomSeed() : numberOf('--seed', seed, /^\d{1,10}$/, 0, SEED_MAX),
    of: workloads,
    transport: transportOf(transport),
    seata: coordinatorOf(seata, workloads),
    report: report === undefined ? undefined : resolve(report),
    previous: previous === undefined ? undefined : builtCheckout(previous, workloads),
  };
}

function workloadsOf(text: string): readonly WorkloadName[] {
  if (text === 'all') return WORKLOAD_NAMES;
  const name = WORKLOAD_NAMES.find((one) => one === text);
  if (name !== undefined) return [name];
  const expected = [...WORKLOAD_NAMES, 'all'].join(', ');
  throw new StackError(`--of is "${text}": one of ${expected} was expected.\n\n${USAGE}`);
}

function transportOf(text: string): ChaosTransport {
  const transport = TRANSPORTS.find((one) => one === text);
  if (transport !== undefined) return transport;
  throw new StackError(`--transport is "${text}": one of ${TRANSPORTS.join(', ')} was expected.\n\n${USAGE}`);
}

function coordinatorOf(
  text: string | undefined,
  workloads: readonly WorkloadName[],
): SeataVersion | undefined {
  const isNeeded = servicesOf(workloads).some((service) => serviceNamed(service).usesSeata);
  if (!isNeeded && text === undefined) return undefined;
  if (!isNeeded)
    throw new StackError(`--seata is "${text}", and --of names no service that needs it.\n\n${USAGE}`);
  const version = text ?? DEFAULT_SEATA_VERSION;
  if (isSeataVersion(version)) return version;
  throw new StackError(`--seata is "${text}": ${SEATA_VERSIONS.join(' or ')} was expected.\n\n${USAGE}`);
}

/** @returns the absolute path */
function builtCheckout(directory: string, workloads: readonly WorkloadName[]): string {
  const checkout = resolve(directory);
  for (const service of servicesOf(workloads)) {
    const program = serviceProgram(checkout, service);
    if (existsSync(program)) continue;
    const missing = `--previous is "${directory}": there is no ${program}. Run "npm run build" there.`;
    throw new StackError(`${missing}\n\n${USAGE}`);
  }
  return checkout;
}

function valuesOf(parameters: readonly string[]): Partial<Record<OptionName, string>> {
  const text = { type: 'string' } as const;
  const options = Object.fromEntries(OPTION_NAMES.map((name) => [name, text]));
  try {
    return parseArgs({ args: [...parameters], options }).values;
  } catch (error) {
    throw new StackError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function numberOf(name: string, text: string, form: RegExp, min: number, max: number): number {
  const value = Number(text);
  if (form.test(text) && value >= min && value <= max) return value;
  throw new StackError(`${name} is "${text}": a number from ${min} to ${max} was expected.\n\n${USAGE}`);
}
