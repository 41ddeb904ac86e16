import { Scope } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import { optionsOf, type DiscoveredListener, type ListenerDecorator } from './options/listener.decorator.js';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

interface Candidate<Options> extends DiscoveredListener<Options> {
  readonly wrapper: InstanceWrapper;
  /** How often the decorator stands on the class. */
  readonly uses: number;
}

/**
 * The providers with this decorator, also by inheritance. `problems` names those that cannot serve as listeners:
 * controllers, classes that are decorated or provided more than once, and those that Nest makes anew for each request
 * or user, since there is no request behind a message.
 */
export function discoverListeners<Options>(
  discovery: DiscoveryService,
  decorator: ListenerDecorator<Options>,
): { found: DiscoveredListener<Options>[]; problems: string[] } {
  const problems = candidatesAmong(discovery.getControllers(), decorator).map(
    ({ className }) => `${className} is a controller. A listener is a class of its own among the providers.`,
  );
  const found: Candidate<Options>[] = [];
  for (const candidate of candidatesAmong(discovery.getProviders(), decorator)) {
    // Another token for an instance that is known already (`useExisting`).
    if (found.some(({ instance }) => instance === candidate.instance)) continue;
    const twin = found.find(({ instance }) => instance.constructor === candidate.instance.constructor);
    const problem = twin ? providedTwice(candidate, twin) : classProblem(candidate);
    if (problem !== undefined) problems.push(problem);
    if (twin === undefined) found.push(candidate);
  }
  return { found, problems };
}

function candidatesAmong<Options>(
  wrappers: readonly InstanceWrapper[],
  decorator: ListenerDecorator<Options>,
): Candidate<Options>[] {
  return wrappers.flatMap((wrapper) => {
    const instance: unknown = wrapper.instance;
    if (typeof instance !== 'object' || instance === null) return [];
    const listenerClass = (Object.getPrototypeOf(instance) as object | null)?.constructor;
    const [options, ...more] = listenerClass === undefined ? [] : optionsOf(decorator, listenerClass);
    if (listenerClass === undefined || options === undefined) return [];
    return [{ wrapper, className: listenerClass.name, instance, options, uses: 1 + more.length }];
  });
}

function classProblem({ wrapper, className, uses }: Candidate<unknown>): string | undefined {
  if (uses === 1) return scopeProblem(wrapper, className);
  return `${className} carries the same listener decorator ${uses} times. A class listens to one topic: write one class for each, which may extend a common one.`;
}

function providedTwice({ wrapper, className }: Candidate<unknown>, twin: Candidate<unknown>): string {
  const places = [twin.wrapper, wrapper].map(({ host }) => host?.name ?? 'a module without a name');
  return `${className} is provided twice, in ${places.join(' and in ')}, so that two instances of it would be the same listener. Provide it in one module, and let that module export it.`;
}

/** A transient dependency is no problem: a singleton gets one instance of it, with everything that it needs. */
function scopeProblem(wrapper: InstanceWrapper, className: string): string | undefined {
  const remedy =
    'A listener is one instance for all messages: make it a default-scoped provider, inject ModuleRef, and get what must be new for each message with ModuleRef.resolve() inside the handler.';
  if (wrapper.isTransient) return `${className} is transient. ${remedy}`;
  if (wrapper.isDependencyTreeStatic()) return undefined;
  const path = pathToRequestScope(wrapper, []);
  if (path.length <= 1) return `${className} is request-scoped. ${remedy}`;
  const through = path.slice(1, -1).join(', ');
  return `${className} depends on ${path.at(-1)}${through && ` (through ${through})`}, which is request-scoped. ${remedy}`;
}

/** The names from `wrapper` down to the first request-scoped provider, both included; empty when there is none. */
function pathToRequestScope(wrapper: InstanceWrapper, seen: readonly InstanceWrapper[]): string[] {
  const name = String(typeof wrapper.name === 'symbol' ? wrapper.name.description : wrapper.name);
  if (wrapper.scope === Scope.REQUEST) return [name];
  if (seen.includes(wrapper)) return [];
  for (const dependency of dependenciesOf(wrapper)) {
    const path = pathToRequestScope(dependency, [...seen, wrapper]);
    if (path.length > 0) return [name, ...path];
  }
  return [];
}

/** Both are undefined for a provider without dependencies, which Nest's types do not say. */
function dependenciesOf(wrapper: InstanceWrapper): InstanceWrapper[] {
  const parameters = wrapper.getCtorMetadata() as InstanceWrapper[] | undefined;
  const properties = wrapper.getPropertiesMetadata() as { wrapper: InstanceWrapper }[] | undefined;
  return [...(parameters ?? []), ...(properties ?? []).map((property) => property.wrapper)];
}
