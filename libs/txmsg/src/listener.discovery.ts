import type { DiscoveryService } from '@nestjs/core';
import { optionsOf, type DiscoveredListener, type ListenerDecorator } from './options/listener.decorator.js';
import { requestScopeProblem } from './provider-scope.js';

const REMEDY =
  'A listener is one instance for all messages: make it a default-scoped provider, inject ModuleRef, and get what must be new for each message with ModuleRef.resolve() inside the handler.';

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
 *
 * Not found: what a factory makes for each request under a token that is not the class. There is nothing to look at.
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
  problems.push(...factoryProblems(discovery.getProviders(), decorator));
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

/** Nest calls such a factory for each request, so that there is no instance at start; its token may tell what it would make. */
function factoryProblems<Options>(
  wrappers: readonly InstanceWrapper[],
  decorator: ListenerDecorator<Options>,
): string[] {
  return wrappers.flatMap((wrapper) => {
    const { instance, token } = wrapper as { instance: unknown; token: unknown };
    if ((typeof instance === 'object' && instance !== null) || typeof token !== 'function') return [];
    if (optionsOf(decorator, token).length === 0) return [];
    return requestScopeProblem(wrapper, token.name, REMEDY) ?? [];
  });
}

function classProblem({ wrapper, className, uses }: Candidate<unknown>): string | undefined {
  if (uses === 1) return requestScopeProblem(wrapper, className, REMEDY);
  return `${className} carries the same listener decorator ${uses} times. A class listens to one topic: write one class for each, which may extend a common one.`;
}

function providedTwice({ wrapper, className }: Candidate<unknown>, twin: Candidate<unknown>): string {
  const places = [twin.wrapper, wrapper].map(({ host }) => host?.name ?? 'a module without a name');
  return `${className} is provided twice, in ${places.join(' and in ')}, so that two instances of it would be the same listener. Provide it in one module, and let that module export it.`;
}
