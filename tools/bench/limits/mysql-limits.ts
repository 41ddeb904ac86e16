import { randomBytes, randomUUID } from 'node:crypto';
import { sessionStatement } from 'txmsg/mysql';
import { txmsgSql } from 'txmsg/schema';
import type { Connection } from 'mysql2/promise';
import type { BenchWorld } from '../transfer/bench-world.js';
import { AMOUNT, OPENING_BALANCE } from '../transfer/side.js';
import { measureLimit, type LimitFigures } from './limit-meter.js';

const DATABASE = 'bench_limits';
const SCOPE = 'producer_group_bench_limits';
const BATCHES = [1, 16, 32];
const CONNECTIONS = [1, 16];
const STATEMENT_DEADLINE_MS = 30_000;
/** Of each connection: none waits for another one's locks. */
const ACCOUNTS = Math.max(...BATCHES);

/** Local transactions as bank1 makes them, without anything around them: two barrier rows and a debit for each. */
export async function mysqlLimits(world: BenchWorld, seconds: number): Promise<LimitFigures[]> {
  await createTables(world);
  const figures: LimitFigures[] = [];
  for (const callers of CONNECTIONS) {
    // Opened for those who use them: MySQL closes a session that is idle for as long as the others take.
    const connections = await Promise.all(Array.from({ length: callers }, () => openSession(world)));
    try {
      for (const batch of BATCHES) {
        const work = async (caller: number): Promise<number> => {
          await localTransactions(connections[caller], caller, batch);
          return batch;
        };
        const title =
          batch === 1 ? 'local transactions, alone' : `local transactions, ${batch} in each COMMIT`;
        figures.push(await measureLimit(world, { title, callers, batch, work }, seconds));
      }
    } finally {
      await Promise.all(connections.map((connection) => connection.end()));
    }
  }
  return figures;
}

async function createTables(world: BenchWorld): Promise<void> {
  const connection = await world.connect();
  try {
    await connection.query(`CREATE DATABASE ${DATABASE}; USE ${DATABASE}; ${txmsgSql()}`);
    await connection.query('CREATE TABLE account_info LIKE bank1.account_info');
    const callers = Array.from({ length: Math.max(...CONNECTIONS) }, (_, caller) => caller);
    const accounts = callers.flatMap((caller) => accountsOf(caller, ACCOUNTS));
    await connection.query('INSERT INTO account_info (account_name, account_no, account_balance) VALUES ?', [
      accounts.map((no) => ['bench', no, OPENING_BALANCE]),
    ]);
  } finally {
    await connection.end();
  }
}

async function openSession(world: BenchWorld): Promise<Connection> {
  const connection = await world.connect();
  await connection.query(`USE ${DATABASE}`);
  await connection.query(sessionStatement());
  return connection;
}

async function localTransactions(
  connection: Connection | undefined,
  caller: number,
  batch: number,
): Promise<void> {
  const rows = Array.from({ length: batch }, () => randomUUID())
    .sort()
    .flatMap((txNo) => {
      const hash = randomBytes(32);
      return ['', randomUUID()].map((attempt) => [txNo, SCOPE, attempt, 'COMMIT', hash]);
    });
  const run = (sql: string, values: unknown[] = []) =>
    connection?.query({ sql, values, timeout: STATEMENT_DEADLINE_MS });
  await run('START TRANSACTION');
  await run('INSERT INTO de_duplication (tx_no, scope, attempt, outcome, contents_hash) VALUES ?', [rows]);
  await run(
    `UPDATE account_info SET account_balance = account_balance - ${AMOUNT}
     WHERE account_no IN (?) AND status = 'ACTIVE' AND account_balance >= ${AMOUNT}`,
    [accountsOf(caller, batch)],
  );
  await run('COMMIT');
}

function accountsOf(caller: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench-${caller}-${index}`);
}
