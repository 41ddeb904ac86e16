import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DatabaseTransactions, TxMsgConfigurationError } from 'txmsg';
import { requestScopeProblem } from 'txmsg/building-blocks';
import { FaultInjector } from 'txmsg/faults';
import { ResourceRegistry } from '../rm/resource.registry.js';
import type { PhaseTwoMethod } from './tcc-action.js';
import { TccResource } from './tcc.resource.js';
import { declaredActions, type DeclaredAction } from './two-phase-business-action.decorator.js';

const SCOPE_REMEDY =
  'An action is one instance for all branches: make it a default-scoped provider, inject ModuleRef, and get what must be new for each branch with ModuleRef.resolve() inside its methods.';
const NAME_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

interface Found {
  readonly instance: object;
  readonly className: string;
  readonly declared: DeclaredAction;
}

/**
 * Finds the actions among the application's providers, and registers what the coordinator may ask of them.
 *
 * Not found: what a factory makes for each request under a token that is not the class. There is nothing to look at.
 */
@Injectable()
export class TccActionDiscovery implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registry: ResourceRegistry,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws TxMsgConfigurationError that names everything that is wrong with the declared actions */
  onModuleInit(): void {
    const { found, scopeProblems } = this.find();
    const problems = [...scopeProblems, ...found.flatMap(problemsOf), ...sharedNames(found)];
    if (problems.length > 0) throw new TxMsgConfigurationError(problems);
    for (const { instance, declared } of found) {
      const { name, confirm, cancel } = declared;
      const methods = { confirm: methodOf(instance, confirm), cancel: methodOf(instance, cancel) };
      this.registry.register(new TccResource(name, methods, this.transactions, this.faults));
    }
  }

  private find(): { found: Found[]; scopeProblems: string[] } {
    const instances = new Set<object>();
    const scopeProblems = new Set<string>();
    for (const wrapper of this.discovery.getProviders()) {
      const { instance, token } = wrapper as { instance: unknown; token: unknown };
      const isThere = typeof instance === 'object' && instance !== null;
      // Nest calls a factory for each request, so that there is nothing yet; its token may be the class.
      const likeness = isThere ? instance : prototypeOf(token);
      if (likeness === undefined || declaredActions(likeness).length === 0) continue;
      const problem = requestScopeProblem(wrapper, likeness.constructor.name, SCOPE_REMEDY);
      if (problem !== undefined) scopeProblems.add(problem);
      else if (isThere) instances.add(instance);
    }
    const found = [...instances].flatMap((instance) =>
      declaredActions(instance).map((declared) => ({
        instance,
        className: instance.constructor.name,
        declared,
      })),
    );
    return { found, scopeProblems: [...scopeProblems] };
  }
}

function prototypeOf(token: unknown): object | undefined {
  return typeof token === 'function' ? (token.prototype as object | undefined) : undefined;
}

function methodOf(instance: object, name: string): PhaseTwoMethod {
  const method = (instance as Readonly<Record<string, PhaseTwoMethod>>)[name];
  // `problemsOf` has seen it.
  if (method === undefined) throw new TypeError(`There is no method "${name}".`);
  return method.bind(instance);
}

function problemsOf({ instance, className, declared }: Found): string[] {
  const { name, tryMethod, confirm, cancel } = declared;
  const problems: string[] = [];
  if (!NAME_PATTERN.test(name)) {
    problems.push(
      `${className}: the action's name "${name}" is refused: it must be 1 to 64 characters out of letters, digits, ".", "_" and "-".`,
    );
  }
  if (tryMethod !== 'try') {
    problems.push(
      `${className}: @TwoPhaseBusinessAction stands on "${tryMethod}"; it must stand on the method "try".`,
    );
  }
  for (const method of [confirm, cancel]) {
    if (typeof (instance as Readonly<Record<string, unknown>>)[method] !== 'function') {
      problems.push(
        `${className}: the action "${name}" names the method "${method}", which the class does not have.`,
      );
    }
  }
  if (new Set([tryMethod, confirm, cancel]).size < 3) {
    problems.push(`${className}: try, confirm and cancel of the action "${name}" must be three methods.`);
  }
  return problems;
}

function sharedNames(found: readonly Found[]): string[] {
  const byName = new Map<string, string[]>();
  for (const { className, declared } of found) {
    byName.set(declared.name, [...(byName.get(declared.name) ?? []), className]);
  }
  return [...byName].flatMap(([name, classes]) =>
    classes.length === 1
      ? []
      : [
          `The action "${name}" is declared ${classes.length} times (${classes.join(', ')}): the coordinator knows an action by its name alone.`,
        ],
  );
}
