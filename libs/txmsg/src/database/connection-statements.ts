import { isConnectionLost } from './mysql-errors.js';
import type { DriverConnection } from './session-settings.js';

/**
 * The library's own statements with values that others chose: keys and properties of messages, bodies, reasons, what jobs
 * are given and store.
 * They are sent prepared, so that no value is ever part of a statement's text, whatever `sql_mode` a handler has set.
 * All others are text: a prepared statement costs each connection one more round trip when it is first used.
 */
const texts = new Set<string>();

/** Declares a statement, by its text, as one that is sent prepared on connections of txmsg transactions. */
export function prepared(sql: string): string {
  texts.add(sql);
  return sql;
}

type Send = (sql: unknown, ...rest: unknown[]) => unknown;
type Done = (error: unknown, ...results: unknown[]) => void;

interface Sender {
  query: Send;
  execute: Send;
}

const watched = new WeakSet();
const unfit = new WeakSet();
/** How many statements of a connection have no answer yet. */
const unanswered = new WeakMap<DriverConnection, number>();

/**
 * Wraps every statement of a connection, TypeORM's too: sends those prepared that are declared so, counts those without an
 * answer, and remembers an error after which the connection must not be used again, even if the handler catches it.
 */
export function watchStatements(connection: DriverConnection): void {
  if (watched.has(connection)) return;
  watched.add(connection);
  const sender = connection as unknown as Sender;
  const query = sender.query.bind(sender);
  sender.query = (sql, ...rest) => {
    const done = rest.at(-1);
    if (typeof done === 'function') rest[rest.length - 1] = watchedBy(connection, done as Done);
    return isPrepared(sql) ? sender.execute(sql, ...rest) : query(sql, ...rest);
  };
  // mysql2 (3.24) makes an event emitter with listeners at every call, and TypeORM calls it for every statement.
  const wrapped = connection.promise();
  connection.promise = () => wrapped;
}

/**
 * True when the connection must be closed instead of given back to the pool: after such an error, or when it still works
 * on a statement that nobody awaited and that the next user would wait for.
 */
export function isUnfit(connection: DriverConnection): boolean {
  return unfit.has(connection) || (unanswered.get(connection) ?? 0) > 0;
}

function watchedBy(connection: DriverConnection, done: Done): Done {
  countUnanswered(connection, 1);
  return (error, ...results) => {
    countUnanswered(connection, -1);
    if (isConnectionLost(error)) unfit.add(connection);
    done(error, ...results);
  };
}

function countUnanswered(connection: DriverConnection, change: number): void {
  unanswered.set(connection, (unanswered.get(connection) ?? 0) + change);
}

function isPrepared(sql: unknown): boolean {
  const text = typeof sql === 'object' && sql !== null ? (sql as { sql?: unknown }).sql : sql;
  return typeof text === 'string' && texts.has(text);
}
