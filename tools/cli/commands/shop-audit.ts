import { AuditUnreadableError, databaseOf } from '@txmsg/bank/audit';
import { SHOP } from '@txmsg/contracts';
import { CommandError } from 'txmsg/cli';
import type { Call } from '../command.js';
import { databasesOf, UNREADABLE } from '../service-databases.js';
import { auditShop, type ShopAuditReport } from '../shop-audit/shop-audit.js';
import { list, printable } from '../table.js';

/** `audit --of shop`. */
export async function runShopAudit(call: Call): Promise<number> {
  const report = await read(call);
  call.print(call.asJson ? JSON.stringify(report) : textOf(report));
  return report.agrees ? 0 : 1;
}

async function read(call: Call): Promise<ShopAuditReport> {
  const { urls, root, rootFrom } = databasesOf(call, SHOP);
  if (root === undefined) {
    throw new CommandError(
      'Orders and stock are compared in one snapshot: set MYSQL_ROOT_URL to an account of the server that has both.',
      UNREADABLE,
    );
  }
  try {
    const schemas = { order: databaseOf(urls.order), stock: databaseOf(urls.stock) };
    return await auditShop(root, schemas, rootFrom);
  } catch (error) {
    if (error instanceof AuditUnreadableError) throw new CommandError(printable(error.message), UNREADABLE);
    throw error;
  }
}

function textOf({ products, pieces, orders, disagreements }: ShopAuditReport): string {
  const { count, listed } = disagreements;
  const named = listed.map(
    ({ kind, of, found, expected }) =>
      `- ${kind === 'PRODUCT' ? 'product' : 'txNo'} ${printable(of)}: ${printable(found)}; expected: ${printable(expected)}`,
  );
  const unnamed = count > listed.length ? [`- … and ${count - listed.length} more`] : [];
  return [
    'Order and stock at one moment.',
    list([
      ['products', String(products)],
      ['pieces', `${pieces.opening} brought in, ${pieces.left} left, ${pieces.deducted} deducted`],
      ['orders', `${orders.count}, of which ${orders.inFlight} are in flight`],
    ]),
    count === 0 ? 'Everything agrees.' : [`${count} disagreements:`, ...named, ...unnamed].join('\n'),
  ].join('\n\n');
}
