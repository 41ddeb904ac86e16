import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { OwnServers } from '../../e2e/kit/own-servers.js';
import { TestBanks } from '../../e2e/kit/test-banks.js';
import { loadFor, type LoadFigures } from './load.js';

const OLD_ROWS = 100_000;
const WITHOUT_MS = 25_000;
/** When this much time is not enough, the purge is broken. */
const PURGE_DEADLINE_MS = 10 * 60_000;

interface PurgeFigures {
  readonly without: LoadFigures;
  readonly during: LoadFigures;
}

/** Prints what `measurePurge` finds. */
export async function benchPurge(tell: (line: string) => void): Promise<void> {
  const { without, during } = await measurePurge(tell);
  const row = (name: string, pick: (figures: LoadFigures) => string): string =>
    `${name.padEnd(24)}${pick(without).padStart(14)}${pick(during).padStart(14)}`;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  console.log('Deleting 100,000 old barrier rows in each database under load:');
  console.log(`${''.padEnd(24)}${'without'.padStart(14)}${'during'.padStart(14)}`);
  console.log(row('seconds', ({ seconds }) => seconds.toFixed(1)));
  console.log(row('transfers', ({ transfers }) => String(transfers)));
  console.log(row('transfers per second', ({ transfers, seconds }) => (transfers / seconds).toFixed(1)));
  console.log(row('failed', ({ failed }) => String(failed)));
  console.log(row('median', ({ median }) => ms(median)));
  console.log(row('99 %', ({ p99 }) => ms(p99)));
  console.log(row('slowest', ({ slowest }) => ms(slowest)));
}

/**
 * How much transfers notice of the purge: the same load on the same 100,000 old barrier rows in each bank's database,
 * first with retention switched off, then until the last of them is deleted.
 */
async function measurePurge(tell: (line: string) => void): Promise<PurgeFigures> {
  tell('Starting servers …');
  const own = await OwnServers.start();
  try {
    const banks = await TestBanks.create('purge', own.servers);
    const pool = createPool({ ...parseMysqlUrl(own.servers.mysqlRootUrl), connectionLimit: 2 });
    try {
      await banks.books.open('bank1', 'payer', '1000000.00');
      await banks.books.open('bank2', 'payee', '0.00');
      tell(`Making ${OLD_ROWS} old barrier rows in each database …`);
      for (const bank of ['bank1', 'bank2'] as const) await insertOldRows(pool, banks, bank);
      const at = Date.now();
      const measure = async (name: string, interval: string, begin: () => () => Promise<boolean>) => {
        const environment = { RETENTION_INTERVAL_MS: interval };
        const [bank1, bank2] = await Promise.all([
          banks.start('bank1', environment),
          banks.start('bank2', environment),
        ]);
        tell(`Transfers ${name} …`);
        const figures = await loadFor(bank1, `${name}-${at}`, begin());
        await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
        return figures;
      };
      const without = await measure('without', '0', () => after(WITHOUT_MS));
      const during = await measure('during', '1000', () => {
        const overdue = after(PURGE_DEADLINE_MS);
        return async () => {
          if (await overdue()) throw new Error(`rows are left after ${PURGE_DEADLINE_MS} ms`);
          return (await banks.books.agedBarriers()) === 0;
        };
      });
      return { without, during };
    } finally {
      await pool.end();
      await banks.close();
    }
  } finally {
    await own.stop();
  }
}

function after(ms: number): () => Promise<boolean> {
  const endsAt = performance.now() + ms;
  return () => Promise.resolve(performance.now() > endsAt);
}

async function insertOldRows(pool: Pool, banks: TestBanks, bank: 'bank1' | 'bank2'): Promise<void> {
  const connection = await pool.getConnection();
  const scope = bank === 'bank1' ? banks.producerGroup : banks.consumerGroup;
  await connection.query(`USE ${parseMysqlUrl(banks.mysqlUrl(bank)).database ?? ''}`);
  await connection.query(`SET SESSION cte_max_recursion_depth = ${OLD_ROWS}`);
  await connection.query<RowDataPacket[]>(
    `INSERT INTO de_duplication (tx_no, scope, attempt, outcome, create_time)
     WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${OLD_ROWS})
     SELECT CONCAT(LEFT(SHA2(i, 256), 8), '-', i), ?, IF(i % 2, i, ''), 'COMMIT',
       UTC_TIMESTAMP(3) - INTERVAL 9 DAY + INTERVAL i MICROSECOND FROM n`,
    [scope],
  );
  connection.release();
}
