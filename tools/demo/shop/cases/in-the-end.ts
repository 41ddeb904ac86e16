import { serviceNamed } from '@txmsg/contracts';
import { auditShop, type ShopAuditReport } from '../../../cli/shop-audit/shop-audit.js';
import { assertHolds, type DemoCase } from '../../demo-case.js';
import { BROUGHT_IN, deductionNow, orderNow, type ShopContext } from '../shop-context.js';

const SCHEMAS = { order: serviceNamed('order').database, stock: serviceNamed('stock').database };

type Disagreements = ShopAuditReport['disagreements']['listed'];

/** What each way has left, and what the audit says of it; then the broken rows are removed. */
export const inTheEnd: DemoCase<ShopContext> = {
  title: 'In the end: do order and stock agree?',

  async play(context) {
    const { world, tables, terminal, placed } = context;
    await world.runningStock();
    for (const order of placed) {
      const [{ status }, state] = [await orderNow(context, order), await deductionNow(context, order)];
      const mark = status === 'CANCELLED' && state === 'REFUSED' ? '=' : '≠';
      const left = `${await tables.left(order.txNo)} of ${BROUGHT_IN}`.padStart(8);
      terminal.line(
        `  order ${status} ${mark} ${state.padEnd(8)} at stock, ${left} pieces left  ${order.way}`,
      );
    }
    const found = await disagreements(context);
    for (const { found: is, expected } of found) {
      terminal.line(`  The audit of the shop names one: ${is}; expected: ${expected}.`);
    }
    const broken = placed.filter(({ isBroken }) => isBroken).map(({ txNo }) => txNo);
    await tables.remove(broken);
    terminal.line('  (What the classic way has left is removed from the tables.)');
    const named = found.map(({ of }) => of).sort();
    assertHolds(
      named.join() === broken.sort().join(),
      `The audit should name ${broken.join(', ')}, and names ${named.join(', ') || 'nothing'}.`,
    );
    const left = await disagreements(context);
    assertHolds(left.length === 0, `The audit should name nothing now, and names ${left[0]?.found}.`);
    terminal.line('  The audit of the shop finds nothing wrong with what ours has left.');
  },
};

/** As `npm run txmsg -- audit --of shop`, about the orders and products of this scene. */
async function disagreements({ world, run }: ShopContext): Promise<Disagreements> {
  const report = await auditShop(world.mysqlRootUrl, SCHEMAS);
  return report.disagreements.listed.filter(({ of }) => of.startsWith(run));
}
