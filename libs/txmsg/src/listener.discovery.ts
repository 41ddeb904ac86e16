import { Scope } from '@nestjs/common';
import type { DiscoverableDecorator, DiscoveryService } from '@nestjs/core';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A class that carries a listener's decorator, with the one instance that serves every message. */
export interface DiscoveredListener<Options> {
  readonly className: string;
  readonly instance: object;
  readonly options: Options;
}

/**
 * The providers with this decorator. `problems` names those that Nest makes anew for each request or user: there is
 * no request behind a message, and what Nest keeps in their place has none of its dependencies.
 */
export function discoverListeners<Options>(
  discovery: DiscoveryService,
  decorator: DiscoverableDecorator<Options>,
): { found: DiscoveredListener<Options>[]; problems: string[] } {
  const problems = discovery
    .getControllers({ metadataKey: decorator.KEY })
    .map(
      ({ name }) => `${String(name)} is a controller. A listener is a class of its own among the providers.`,
    );
  const found = discovery.getProviders({ metadataKey: decorator.KEY }).flatMap((wrapper) => {
    const options = discovery.getMetadataByDecorator(decorator, wrapper);
    const instance: unknown = wrapper.instance;
    if (options === undefined || typeof instance !== 'object' || instance === null) return [];
    const problem = scopeProblem(wrapper);
    if (problem !== undefined) problems.push(problem);
    return [{ className: String(wrapper.name), instance, options }];
  });
  return { found, problems };
}

/** A transient dependency is none: a singleton gets one instance of it, with everything that it needs. */
function scopeProblem(wrapper: InstanceWrapper): string | undefined {
  const className = String(wrapper.name);
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

/** Nest's types leave out that both are undefined for a provider without any. */
function dependenciesOf(wrapper: InstanceWrapper): InstanceWrapper[] {
  const parameters = wrapper.getCtorMetadata() as InstanceWrapper[] | undefined;
  const properties = wrapper.getPropertiesMetadata() as { wrapper: InstanceWrapper }[] | undefined;
  return [...(parameters ?? []), ...(properties ?? []).map((property) => property.wrapper)];
}
