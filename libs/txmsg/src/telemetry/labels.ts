import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTE, VALUE } from './names.js';

/** Classes of errors that are told apart. A program has few; one that makes classes as it runs must not fill the memory. */
const ERROR_TYPES_MAX = 30;
const CLASS_NAME = /^[A-Za-z_$][\w$]{0,63}$/;

/** The labels of one thing that is measured, each set made once and not for every message. */
export class Labels {
  private readonly failures = new Map<string, Attributes>();

  constructor(readonly base: Attributes) {}

  /** With `error.type` when there was an error. */
  of(error: unknown): Attributes {
    if (error === undefined) return this.base;
    const type = errorTypeOf(error);
    const known = this.failures.get(type);
    if (known !== undefined) return known;
    if (this.failures.size >= ERROR_TYPES_MAX)
      return { ...this.base, [ATTRIBUTE.errorType]: VALUE.otherError };
    const labels = { ...this.base, [ATTRIBUTE.errorType]: type };
    this.failures.set(type, labels);
    return labels;
  }
}

/** The class of the error and not its `name`, into which code may write anything. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return VALUE.otherError;
  // An error that was made of somebody's JSON may have anything there.
  const { constructor: of } = error as { readonly constructor?: { readonly name?: unknown } | null };
  const name: unknown = of?.name;
  return typeof name === 'string' && CLASS_NAME.test(name) ? name : VALUE.otherError;
}

/** One set of labels for each of a few values. */
export function labelsFor<Value extends string>(
  base: Attributes,
  name: string,
  values: readonly Value[],
): Readonly<Record<Value, Attributes>> {
  return Object.fromEntries(values.map((value) => [value, { ...base, [name]: value }])) as Record<
    Value,
    Attributes
  >;
}
