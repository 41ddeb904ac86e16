import { Scope } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/**
 * Why there is not one instance of this provider for the whole application, as one sentence, or undefined. Nest makes such a
 * provider anew for each request or user, so that the instance found at start has no dependencies. A transient dependency is no
 * problem: a singleton gets one instance of it, with everything that it needs.
 * @param remedy - what to do, as a sentence that follows
 */
export function requestScopeProblem(
  wrapper: ReturnType<DiscoveryService['getProviders']>[number],
  className: string,
  remedy: string,
): string | undefined {
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
