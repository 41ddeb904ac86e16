import { ContentsNotJsonError } from '../errors/index.js';
import { problemOfClass } from './json-class.js';

export interface JsonCopy {
  readonly copy: object;
  /** Whether objects with a `toJSON` of their own were kept as they are, not copied. */
  readonly isShared: boolean;
}

/** More than real payloads need, and few enough not to exhaust the stack. */
const DEPTH_MAX = 1000;
const OWN_FIELD = { writable: true, enumerable: true, configurable: true };

/**
 * A deep copy of what canonical JSON can hold: objects (of classes, too) with enumerable properties, arrays, strings,
 * finite numbers, booleans, null, and undefined as a property's value, which JSON leaves out. Dates and Buffers are
 * copied; any other object that has a `toJSON` is kept as it is.
 * @throws ContentsNotJsonError for the first value that JSON would drop or write like another one
 */
export function copyOfJson(contents: object): JsonCopy {
  const copying = new Copying();
  const copy = copying.value(contents) as object;
  return { copy, isShared: copying.isShared };
}

class Copying {
  isShared = false;
  /** From the contents down to the value in hand. */
  private readonly path: (string | number)[] = [];
  private readonly ancestors = new Set<object>();

  value(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : this.refuse(String(value));
      case 'object':
        return value === null ? null : this.within(value, () => this.object(value));
      case 'bigint':
      case 'function':
      case 'symbol':
        return this.refuse(typeof value);
    }
  }

  private within<T>(value: object, copy: () => T): T {
    if (this.ancestors.has(value)) return this.refuse('reference to an object that it is part of');
    if (this.ancestors.size === DEPTH_MAX) return this.refuse(`object more than ${DEPTH_MAX} levels deep`);
    this.ancestors.add(value);
    const result = copy();
    this.ancestors.delete(value);
    return result;
  }

  private object(value: object): object {
    if (!('toJSON' in value) || typeof value.toJSON !== 'function') return this.fields(value);
    if (value instanceof Date)
      return Number.isNaN(value.getTime()) ? this.refuse('invalid Date') : dateOf(value);
    if (Buffer.isBuffer(value)) return Buffer.from(value);
    this.isShared = true;
    const json: unknown = (value.toJSON as (key: string) => unknown)(String(this.path.at(-1) ?? ''));
    // JSON.stringify does not look for a toJSON of the answer itself, which may be the same object.
    if (typeof json === 'object' && json !== null) this.fields(json);
    else this.value(json);
    return value;
  }

  private fields(value: object): object {
    return Array.isArray(value) ? this.array(value) : this.properties(value);
  }

  private array(items: readonly unknown[]): unknown[] {
    const copy = Array.from(items, (item, index) =>
      this.at(index, () => (item === undefined ? this.refuse('undefined in an array') : this.value(item))),
    );
    this.assertNothingElse(items, items.length + 1, (key) => key === 'length' || /^\d+$/.test(key));
    const prototype = Object.getPrototypeOf(items) as object;
    return prototype === Array.prototype ? copy : (Object.setPrototypeOf(copy, prototype) as unknown[]);
  }

  private properties(value: object): object {
    const prototype = Object.getPrototypeOf(value) as object | null;
    const problem = problemOfClass(prototype);
    if (problem !== undefined) this.refuse(problem);
    const keys = Object.keys(value);
    this.assertNothingElse(value, keys.length, (key) => keys.includes(key));
    const copy = Object.create(prototype) as object;
    for (const key of keys) {
      const field = this.at(key, () => this.value((value as Record<string, unknown>)[key]));
      // What the class has under this name, a setter or `__proto__`, must not take it.
      if (key in copy) Object.defineProperty(copy, key, { ...OWN_FIELD, value: field });
      else (copy as Record<string, unknown>)[key] = field;
    }
    return copy;
  }

  /** JSON would drop properties under symbols, non-enumerable ones, and those of an array that are not items. */
  private assertNothingElse(value: object, count: number, isKnown: (key: string) => boolean): void {
    const own = Reflect.ownKeys(value);
    if (own.length === count) return;
    const other = own.find((key) => typeof key === 'symbol' || !isKnown(key));
    const what = typeof other === 'symbol' ? 'property under a symbol' : 'property that JSON leaves out';
    this.at(String(other), () => this.refuse(what));
  }

  private at<T>(key: string | number, work: () => T): T {
    this.path.push(key);
    const result = work();
    this.path.pop();
    return result;
  }

  private refuse(kind: string): never {
    throw new ContentsNotJsonError(asText(this.path), kind);
  }
}

/** One of another realm keeps its class. */
function dateOf(date: Date): Date {
  return Object.setPrototypeOf(new Date(date.getTime()), Object.getPrototypeOf(date) as object) as Date;
}

function asText(path: readonly (string | number)[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
}
