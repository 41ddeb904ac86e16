import { Inject } from '@nestjs/common';
import {
  GlobalTransactionRolledBackError,
  GlobalTransactionUnknownError,
  NoGlobalTransactionError,
} from '../errors/index.js';
import { currentGlobalTransaction } from './global-transaction.context.js';
import { GlobalTransactions, type GlobalTransactionOptions } from './global-transactions.js';

/** Where Nest puts the instance's GlobalTransactions. */
const TRANSACTIONS = Symbol('seata.global-transactions');

/**
 * Runs a method of a provider or controller in a global transaction; inside an open one it joins that, and leaves its end to
 * who began it. The method's own value or error means that the global transaction was committed or rolled back.
 *
 * ```ts
 * @GlobalTransactional({ name: 'move-money', timeoutMs: 30_000 })
 * async move(order: Order): Promise<void> {
 *   // TccActions; without `await` nothing is committed. `this.debit.try(…)` by itself makes no branch.
 *   await this.tcc.try(this.debit, order);
 *   await this.peer.credit(…);
 * }
 * ```
 *
 * Beside what the method throws it throws what GlobalTransactions.run throws (nothing was done), GlobalTransactionDeadlineError
 * and UnawaitedBranchError (rolled back), GlobalTransactionRolledBackError (its work succeeded, but was rolled back),
 * NoGlobalTransactionError (Nest did not make the instance; nothing was done), and GlobalTransactionUnknownError: it may be
 * committed later, so it must never be answered as a failure.
 */
export function GlobalTransactional(options: Partial<GlobalTransactionOptions> = {}) {
  return <Parameters extends unknown[], Value>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<(...parameters: Parameters) => Promise<Value>>,
  ): TypedPropertyDescriptor<(...parameters: Parameters) => Promise<Value>> => {
    const method = descriptor.value;
    const name = options.name ?? `${target.constructor.name}.${String(key)}`;
    if (method === undefined)
      throw new TypeError(`@GlobalTransactional stands on ${name}, which is no method.`);
    Inject(GlobalTransactions)(target, TRANSACTIONS);
    const inGlobalTransaction = function (this: object, ...parameters: Parameters): Promise<Value> {
      const work = (): Promise<Value> => method.apply(this, parameters);
      if (currentGlobalTransaction()) return work();
      const transactions = (this as Readonly<Record<symbol, unknown>>)[TRANSACTIONS];
      if (!(transactions instanceof GlobalTransactions))
        return Promise.reject(new NoGlobalTransactionError(name));
      return valueOrError(transactions, work, { ...options, name });
    };
    copyMetadata(method, inGlobalTransaction);
    return { ...descriptor, value: inGlobalTransaction };
  };
}

async function valueOrError<Value>(
  transactions: GlobalTransactions,
  work: () => Promise<Value>,
  options: GlobalTransactionOptions,
): Promise<Value> {
  const result = await transactions.run(work, options);
  switch (result.status) {
    case 'COMMITTED':
      return result.value;
    case 'ROLLED_BACK':
      if (result.cause instanceof Error) throw result.cause;
      throw new GlobalTransactionRolledBackError(result.xid, { cause: result.cause });
    case 'UNKNOWN':
      throw new GlobalTransactionUnknownError(result.xid, { cause: result.cause });
  }
}

/** Decorators below this one, such as a route's, have described the method that stands there no more. */
function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
}
