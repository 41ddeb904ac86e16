import { describe, expect, it } from '@jest/globals';
import { BadRequestException, ForbiddenException, type ExecutionContext } from '@nestjs/common';
import { defer, lastValueFrom } from 'rxjs';
import { GlobalTransactionOverError, MalformedXidError, UnawaitedBranchError } from '../errors/index.js';
import { currentGlobalTransaction, type GlobalTransactionContext } from '../tm/global-transaction.context.js';
import { fetchInGlobalTransaction } from './fetch-in-global-transaction.js';
import { xidHeaders } from './xid-headers.js';
import { XidInterceptor, type AcceptXidFrom, type IncomingRequest } from './xid.interceptor.js';

const xid = '10.0.0.1:8091:2612345678901234567';

class SomeController {
  handle(): void {
    // Named in errors.
  }
}

async function handled<T>(
  headers: IncomingRequest['headers'],
  handler: () => Promise<T>,
  acceptXidFrom: AcceptXidFrom = 'anyone',
): Promise<T> {
  const execution = {
    getType: () => 'http',
    getClass: () => SomeController,
    getHandler: () => Object.getOwnPropertyDescriptor(SomeController.prototype, 'handle')?.value as unknown,
    switchToHttp: () => ({ getRequest: () => ({ headers }) }),
  } as unknown as ExecutionContext;
  const interceptor = new XidInterceptor({ acceptXidFrom, globalTimeoutMs: 60_000 });
  const answer = interceptor.intercept(execution, { handle: () => defer(handler) });
  return (await lastValueFrom(answer)) as T;
}

describe('a request with TX_XID', () => {
  it("is handled as a participant of the caller's global transaction, which it brings further", async () => {
    const seen = await handled({ tx_xid: xid }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return [currentGlobalTransaction()?.xid, currentGlobalTransaction()?.role, xidHeaders()];
    });
    expect(seen).toEqual([xid, 'PARTICIPANT', { TX_XID: xid }]);
    expect([currentGlobalTransaction(), xidHeaders()]).toEqual([undefined, {}]);
  });

  it('is handled outside of any when it brings none', async () => {
    expect(await handled({}, () => Promise.resolve(currentGlobalTransaction()))).toBeUndefined();
  });

  it.each([['malformed'], [''], [[xid, xid]], [`${xid} `], ["h:1:1' --"]])(
    'is answered 400 when it brings %j',
    async (found) => {
      const answer = handled({ tx_xid: found }, () => Promise.resolve());
      await expect(answer).rejects.toThrow(BadRequestException);
      await expect(answer).rejects.toMatchObject({ cause: expect.any(MalformedXidError) });
    },
  );

  it('is answered 403 when the caller may not bring one, also a malformed one', async () => {
    const friend: AcceptXidFrom = ({ headers }) => headers.authorization === 'friend';
    const promise = (() => Promise.resolve(false)) as unknown as AcceptXidFrom;
    for (const accept of ['nobody' as const, friend, promise]) {
      for (const brought of [xid, 'malformed']) {
        await expect(handled({ tx_xid: brought }, () => Promise.resolve(), accept)).rejects.toThrow(
          ForbiddenException,
        );
      }
    }
    const headers = { tx_xid: xid, authorization: 'friend' };
    expect(await handled(headers, () => Promise.resolve(1), friend)).toBe(1);
    expect(await handled({}, () => Promise.resolve(1), 'nobody')).toBe(1);
  });

  it('is answered as an error when the handler forgot to await a branch', async () => {
    const answer = handled({ tx_xid: xid }, () => {
      void currentGlobalTransaction()?.branch(() => new Promise(() => undefined));
      return Promise.resolve();
    });
    await expect(answer).rejects.toThrow(UnawaitedBranchError);
    await expect(answer).rejects.toThrow(/SomeController\.handle/);
  });

  it('is answered as an error when the handler has caught that of a branch', async () => {
    const answer = handled({ tx_xid: xid }, async () => {
      const refused = (): Promise<never> => Promise.reject(new Error('the branch was refused'));
      await currentGlobalTransaction()
        ?.branch(refused)
        .catch(() => undefined);
    });
    await expect(answer).rejects.toThrow('the branch was refused');
  });

  it("keeps the handler's own error, and takes no branch after it", async () => {
    let context: GlobalTransactionContext | undefined;
    const answer = handled({ tx_xid: xid }, () => {
      context = currentGlobalTransaction();
      return Promise.reject(new Error('its own'));
    });
    await expect(answer).rejects.toThrow('its own');
    await expect(context?.branch(() => Promise.resolve())).rejects.toThrow(GlobalTransactionOverError);
  });

  it('lets nothing be called in its name without it, or when it is over', async () => {
    await expect(fetchInGlobalTransaction('http://127.0.0.1:1')).rejects.toThrow(
      /without a global transaction/,
    );
    let late: Promise<unknown> | undefined;
    await handled({ tx_xid: xid }, () => {
      late = new Promise((resolve) => setImmediate(resolve)).then(() => xidHeaders());
      late.catch(() => undefined);
      return Promise.resolve();
    });
    await expect(late).rejects.toThrow(GlobalTransactionOverError);
  });
});
