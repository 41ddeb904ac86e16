import { propagation, ROOT_CONTEXT, type Context, type TextMapGetter } from '@opentelemetry/api';
import { guarded } from './guarded.js';
import { activeContext, within } from './within.js';

/** The properties of a message, or some of them. Those that were received may hold anything. */
export type TraceCarrier = Readonly<Record<string, string>>;

/** RocketMQ's own names have only capitals, `_` and digits, and control characters separate its properties. */
const NAME = /^(?=.*[a-z])[A-Za-z][A-Za-z0-9-]{0,63}$/;
/** `traceparent` has 55 characters, `tracestate` 512 at most. */
const VALUE = /^[\x20-\x7e]{1,512}$/;
/** Of all names and values. RocketMQ takes 32 767 bytes of properties; messages should not grow with what others add. */
const CHARACTERS_MAX = 1024;

const GETTER: TextMapGetter<TraceCarrier> = {
  keys: (carrier) => Object.keys(carrier),
  get: (carrier, name) => {
    const value: unknown = Object.hasOwn(carrier, name) ? carrier[name] : undefined;
    return typeof value === 'string' && VALUE.test(value) ? value : undefined;
  },
};

/**
 * What the global propagator writes for `from`, as properties of a message; what RocketMQ would not take is left out.
 * Undefined when that is nothing, as without an SDK.
 */
export function carrierOf(from: Context = activeContext()): TraceCarrier | undefined {
  const carrier: Record<string, string> = {};
  let characters = 0;
  const set = (_carrier: unknown, name: string, value: unknown): void => {
    if (!NAME.test(name) || typeof value !== 'string' || !VALUE.test(value)) return;
    if (Object.hasOwn(carrier, name) || characters + name.length + value.length > CHARACTERS_MAX) return;
    characters += name.length + value.length;
    carrier[name] = value;
  };
  guarded(() => {
    propagation.inject(from, carrier, { set });
  }, undefined);
  return characters === 0 ? undefined : carrier;
}

/** What the propagator reads from the properties of a message; a root without anything that it understands. */
export function contextOf(properties: TraceCarrier): Context {
  const extract = (): Context | undefined => propagation.extract(ROOT_CONTEXT, properties, GETTER);
  return guarded(extract, undefined) ?? ROOT_CONTEXT;
}

/** Runs `work` in the context that was kept beside a message; anything else than an object counts as none. */
export function withinCarried<T>(carrier: unknown, work: () => Promise<T>): Promise<T> {
  const properties = typeof carrier === 'object' && carrier !== null ? (carrier as TraceCarrier) : {};
  return within(contextOf(properties), work);
}
