import 'reflect-metadata';

/** A class decorator that marks a provider as a listener, and remembers with which options. */
export interface ListenerDecorator<Options> {
  /** Marks the class, with these options. */
  (options: Options): ClassDecorator;
  /** The key of its metadata: a list, with one entry for each time that the decorator stands on the class. */
  readonly KEY: symbol;
}

/** A class that carries a listener's decorator, with the one instance that serves every message. */
export interface DiscoveredListener<Options> {
  readonly className: string;
  readonly instance: object;
  readonly options: Options;
}

/** Nest's own `createDecorator` keeps the last options only, so that a second use would silently replace the first. */
export function createListenerDecorator<Options>(name: string): ListenerDecorator<Options> {
  const KEY = Symbol(name);
  const decorator =
    (options: Options): ClassDecorator =>
    (target) => {
      const others = (Reflect.getOwnMetadata(KEY, target) ?? []) as Options[];
      Reflect.defineMetadata(KEY, [...others, options], target);
    };
  return Object.assign(decorator, { KEY });
}

/** Every use of the decorator on `target`, or on the class that it inherits them from. */
export function optionsOf<Options>(decorator: ListenerDecorator<Options>, target: object): Options[] {
  return (Reflect.getMetadata(decorator.KEY, target) ?? []) as Options[];
}
