import { parse, stringify, isSafeNumber } from 'lossless-json';
import { TccInputError } from '../errors/tcc.errors.js';

/** Seata's database mode keeps no more characters of a branch's application data (branch_table.application_data). */
const APPLICATION_DATA_MAX = 2000;

/** The keys that Java's interceptor adds to the action context; they are no input. */
const OWN_KEYS = [
  'action-start-time',
  'host-name',
  'actionName',
  'useTCCFence',
  'sys::prepare',
  'sys::commit',
  'sys::rollback',
] as const;

/** The methods that a Java service reads from the context; it finds its action by the resource id. */
export interface ActionNames {
  readonly name: string;
  readonly tryMethod: string;
  readonly confirm: string;
  readonly cancel: string;
}

/**
 * The application data of a branch, as Seata's own clients write and read it: a JSON object with the member
 * `actionContext`, which holds the input's fields beside those of Seata.
 * @throws TccInputError when confirm and cancel would not get back what `try` was given
 */
export function applicationDataOf(action: ActionNames, input: object, nowMs: number): string {
  const copy = jsonCopy(action.name, input);
  const own: Record<(typeof OWN_KEYS)[number], unknown> = {
    'action-start-time': nowMs,
    'host-name': 'node',
    actionName: action.name,
    useTCCFence: true,
    'sys::prepare': action.tryMethod,
    'sys::commit': action.confirm,
    'sys::rollback': action.cancel,
  };
  const conflicting = Object.keys(copy).find((key) => key in own);
  if (conflicting !== undefined)
    throw new TccInputError(action.name, `has a field "${conflicting}", which Seata uses itself.`);
  const text = JSON.stringify({ actionContext: { ...copy, ...own } });
  if (text.length > APPLICATION_DATA_MAX) {
    throw new TccInputError(
      action.name,
      `takes ${text.length} characters with what Seata adds, and the coordinator keeps ${APPLICATION_DATA_MAX}: store the rest in try, and pass its key.`,
    );
  }
  return text;
}

/**
 * The input, from the application data that the coordinator sends back.
 * @throws SyntaxError when it is not what `applicationDataOf` or a Java service writes
 */
export function inputOf(applicationData: string): object {
  const read = parse(applicationData, undefined, numberOf);
  const context = isRecord(read) ? read.actionContext : undefined;
  if (!isRecord(context)) throw new SyntaxError('The application data has no object "actionContext".');
  const own: readonly string[] = OWN_KEYS;
  return Object.fromEntries(Object.entries(context).filter(([key]) => !own.includes(key)));
}

/** A number that a double cannot hold stays what it is in the text. */
function numberOf(text: string): number | string {
  return isSafeNumber(text) ? Number(text) : text;
}

function jsonCopy(name: string, input: object): Readonly<Record<string, unknown>> {
  const text = stringify(input);
  const copy = text === undefined ? undefined : parse(text, undefined, numberOf);
  if (!isRecord(copy)) throw new TccInputError(name, 'must be an object that JSON can hold.');
  const lost = firstLoss(input, copy, '');
  if (lost !== undefined) {
    throw new TccInputError(
      name,
      `has a value that JSON cannot hold at "${lost}": use text, whole numbers below 2^53, booleans, null, arrays and plain objects.`,
    );
  }
  return copy;
}

/** Where the copy is not equal to what it was made from; undefined when it is everywhere. */
function firstLoss(given: unknown, copy: unknown, path: string): string | undefined {
  if (given === copy) return undefined;
  const areObjects = typeof given === 'object' && given !== null && typeof copy === 'object' && copy !== null;
  if (!areObjects || !hasPlainClass(given)) return path;
  const keys = new Set([...Object.keys(given), ...Object.keys(copy)]);
  for (const key of keys) {
    const values = [given, copy].map((one) => (one as Readonly<Record<string, unknown>>)[key]);
    const lost = firstLoss(values[0], values[1], path === '' ? key : `${path}.${key}`);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** An object of an application's own class is what its fields say; these have contents beside their fields. */
function hasPlainClass(value: object): boolean {
  return !(
    value instanceof Date ||
    value instanceof Map ||
    value instanceof Set ||
    ArrayBuffer.isView(value)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
