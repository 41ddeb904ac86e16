import {
  auditOneServer,
  auditTwoServers,
  AuditUnreadableError,
  databaseOf,
  describeDisagreement,
  type AuditReport,
} from '@txmsg/bank/audit';
import { BANKS, type Bank } from '@txmsg/contracts';
import { CommandError, UsageError } from 'txmsg/cli';
import type { Call, Command } from '../command.js';
import { databasesOf, UNREADABLE, type ServiceDatabases } from '../service-databases.js';
import { list, printable, table } from '../table.js';
import { runShopAudit } from './shop-audit.js';

/** Reads the databases directly, so it works while no bank runs. */
export const auditCommand: Command = {
  words: ['audit'],
  parameters: [],
  summary:
    'Compares the books of both banks in their databases: BANK1_MYSQL_URL and BANK2_MYSQL_URL, in one snapshot ' +
    'if MYSQL_ROOT_URL is of the server that has both; default: the local stack. FOREIGN_SENDERS=true: others ' +
    'than bank1 send transfers too, and their credits are no disagreements. --of shop compares orders and stock ' +
    'instead: ORDER_MYSQL_URL, STOCK_MYSQL_URL and MYSQL_ROOT_URL.',
  options: { of: { value: 'banks|shop', meaning: 'whose books; default: banks' } },
  run: async (call) => {
    const { of = 'banks' } = call.options;
    if (of === 'shop') return runShopAudit(call);
    if (of !== 'banks') throw new UsageError(`--of is "${of.slice(0, 20)}": it must be banks or shop.`);
    const report = await read(databasesOf(call, BANKS), foreignSendersOf(call));
    call.print(call.asJson ? JSON.stringify(report) : textOf(report));
    return report.agrees ? 0 : 1;
  },
};

/** The same variable as bank1's setting. */
function foreignSendersOf({ environment: { FOREIGN_SENDERS = '' } }: Call): boolean {
  if (!['', 'true', 'false'].includes(FOREIGN_SENDERS)) {
    throw new UsageError(`FOREIGN_SENDERS is "${FOREIGN_SENDERS.slice(0, 20)}": it must be true or false.`);
  }
  return FOREIGN_SENDERS === 'true';
}

async function read(
  { urls, from, root, rootFrom }: ServiceDatabases<Bank>,
  foreignSenders: boolean,
): Promise<AuditReport> {
  try {
    if (root === undefined) return await auditTwoServers(urls, { foreignSenders }, from);
    const schemas = { bank1: databaseOf(urls.bank1), bank2: databaseOf(urls.bank2) };
    return await auditOneServer(root, schemas, { foreignSenders, setting: rootFrom });
  } catch (error) {
    if (error instanceof AuditUnreadableError) throw new CommandError(printable(error.message), UNREADABLE);
    throw error;
  }
}

const READINGS = {
  ONE_SNAPSHOT: 'Both banks at one moment.',
  THREE_SNAPSHOTS: 'bank2, bank1 and bank2 again, one after another.',
};

function textOf(report: AuditReport): string {
  const { reading, money, transfers, topUps, foreignCredits, disagreements } = report;
  const { opening, balance, sent, received, inFlight, refused } = money;
  const paragraphs = [
    READINGS[reading],
    list([
      ['bank1', `opened with ${opening.bank1}, has ${balance.bank1}`],
      ['bank2', `opened with ${opening.bank2}, has ${balance.bank2}`],
      ['transfers', `${transfers.bank1} at bank1, ${transfers.bank2} at bank2`],
      ['top-ups', `${topUps.credited.count}, ${topUps.credited.sum} together, came to bank1 from outside`],
      ['sent', sent],
      ['received', received],
      ['in flight', `${inFlight}, of which ${refused} is refused and not given back yet`],
    ]),
  ];
  if (topUps.contradicted.count > 0) {
    const rows = topUps.contradicted.listed.map((it) => {
      return [it.txNo, it.accountNo, it.amount, it.state, it.contradiction].map(printable);
    });
    paragraphs.push(
      `${topUps.contradicted.count} top-ups about which not everything that was said agrees:`,
      table(['txNo', 'account', 'amount', 'state', 'and also'], rows),
    );
  }
  if (foreignCredits.count > 0) {
    const rows = foreignCredits.listed.map((it) => [it.txNo, it.accountNo, it.toAccountNo, it.amount]);
    paragraphs.push(
      `${foreignCredits.count} credits, ${foreignCredits.sum} together, that bank1 has no debit for. Unless ` +
        'FOREIGN_SENDERS=true declares other senders, they are disagreements:',
      table(['txNo', 'from', 'to', 'amount'], rows),
    );
  }
  const { count, listed } = disagreements;
  const named = listed.map((it) => `- ${printable(describeDisagreement(it))}`);
  const unnamed = count > listed.length ? [`- … and ${count - listed.length} more`] : [];
  paragraphs.push(
    count === 0 ? 'Everything agrees.' : [`${count} disagreements:`, ...named, ...unnamed].join('\n'),
  );
  return paragraphs.join('\n\n');
}
