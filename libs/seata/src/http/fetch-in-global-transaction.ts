import { NoGlobalTransactionError } from '../errors/index.js';
import { currentGlobalTransaction } from '../tm/global-transaction.context.js';
import { xidHeaders } from './xid-headers.js';

/**
 * `fetch` that brings the open global transaction to the other service, and ends with its deadline, also while the body is
 * read. Counted as a branch, so that a missing `await` rolls back, and so does a call that throws, also when its error
 * was caught or the call was repeated: the other service may have taken part. An answer such as 500 does not throw: look at it, and throw
 * what must roll back.
 * @throws NoGlobalTransactionError, GlobalTransactionOverError: nothing was sent; and what `fetch` throws
 */
export async function fetchInGlobalTransaction(
  input: string | URL,
  init: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  const current = currentGlobalTransaction();
  if (current === undefined) throw new NoGlobalTransactionError('fetchInGlobalTransaction');
  return current.branch((deadline) => {
    const timeout = AbortSignal.timeout(deadline.remainingMs());
    const signal = init.signal ? AbortSignal.any([timeout, init.signal]) : timeout;
    return fetch(input, { ...init, signal, headers: { ...init.headers, ...xidHeaders() } });
  });
}
