import type { GlobalTransactionContext, GlobalTransactions } from '../src/index.js';

/** Runs the work in this context, as a coordinator would that commits what returns and rolls back what throws. */
export function withoutCoordinator(context: GlobalTransactionContext): Pick<GlobalTransactions, 'run'> {
  const { xid } = context;
  return {
    run: async (work) => {
      try {
        return { status: 'COMMITTED', xid, value: await work(context) };
      } catch (cause) {
        return { status: 'ROLLED_BACK', xid, cause };
      }
    },
  };
}
