import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { TxMsgError } from '../errors/txmsg.error.js';
import { readTls, type MysqlTls } from './mysql-tls.js';

const DEFAULT_PORT = 3306;

/** Where a MySQL server is and how to sign in there, field by field as mysql2 takes it. */
export interface MysqlServer {
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string;
  /** @default 3306, in a URL that names none */
  readonly port: number;
  /** Absent: the URL names none. */
  readonly user?: string;
  /** Absent: the URL has none. */
  readonly password?: string;
  /** Absent: the URL names none. */
  readonly database?: string;
  /** Absent: plain text. */
  readonly ssl?: MysqlTls;
}

/** A URL that is not understood. The message never contains the password. */
export class MysqlUrlError extends TxMsgError {
  readonly code = 'TXMSG_MYSQL_URL';

  constructor(
    /** What is wrong, as the end of a sentence that begins with "it". */
    readonly problem: string,
  ) {
    super(`The URL of the MySQL server is not understood: it ${problem}.`);
  }
}

/**
 * Reads `mysql://user:password@host:port/database?ssl=…&ssl-ca=…`, for every client alike: what TypeORM and mysql2 make
 * of a URL differs (TypeORM drops all parameters, and knows neither IPv6 hosts nor an encoded database).
 * User, password, port and database may be left out. An IPv6 host stands in brackets.
 *
 * - `ssl`: `true`, `false`, or a JSON object of TLS options (`MysqlTls`).
 * - `ssl-ca`: the path of a PEM file with the authorities to trust instead of the well-known ones; switches TLS on.
 *
 * @throws MysqlUrlError - also for a parameter that is not understood: dropping it silently could drop TLS
 */
export function parseMysqlUrl(text: string): MysqlServer {
  if (!URL.canParse(text)) throw new MysqlUrlError('cannot be parsed');
  const url = new URL(text);
  if (isPasswordCut(url)) throw new MysqlUrlError(CUT_PASSWORD);
  if (url.protocol !== 'mysql:') throw new MysqlUrlError('does not begin with mysql://');
  if (url.hostname === '') throw new MysqlUrlError('names no host');
  if (url.hash !== '') throw new MysqlUrlError('contains "#", which must be written as %23');
  if (url.port === '0') throw new MysqlUrlError('names port 0');
  const host = decoded('host', url.hostname).replace(/^\[(.*)\]$/, '$1');
  const user = decoded('user', url.username);
  const password = decoded('password', url.password);
  const database = databaseIn(url);
  const ssl = tlsIn(url, host);
  return {
    host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    ...(user !== '' && { user }),
    ...(password !== '' && { password }),
    ...(database !== '' && { database }),
    ...(ssl !== undefined && { ssl }),
  };
}

const CUT_PASSWORD =
  'has "@" behind its host; in user and password "/", "?", "#" and "@" must be written as %2F, %3F, %23 and %40, and in the database "@" as %40';

/**
 * Whether what was meant as a password ended the host instead: the rest of it would be read as the database or as a
 * parameter, and be shown. The path of `ssl-ca` alone may contain "@".
 */
function isPasswordCut({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search.replace(/(?<=[?&])ssl-ca=[^&]*/, '')}${hash}`.includes('@');
}

/** `host:port/database`, for messages: without user and password. */
export function mysqlPlace({
  host,
  port,
  database,
}: Pick<MysqlServer, 'host' | 'port' | 'database'>): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return `${name}:${port}${database === undefined ? '' : `/${database}`}`;
}

function databaseIn(url: URL): string {
  const path = url.pathname.slice(1);
  if (path.includes('/')) throw new MysqlUrlError('has more than the name of a database in its path');
  return decoded('database', path);
}

function tlsIn(url: URL, host: string): MysqlTls | undefined {
  const { ssl, 'ssl-ca': authorities } = parametersOf(url, ['ssl', 'ssl-ca']);
  const tls = ssl === undefined ? undefined : readTls(ssl);
  if (typeof tls === 'string') throw new MysqlUrlError(tls);
  if (authorities === undefined) return tls === undefined || tls === false ? undefined : complete(tls, host);
  if (tls === false) throw new MysqlUrlError('has ssl-ca, but ssl=false');
  if (tls?.ca !== undefined) throw new MysqlUrlError('has ssl-ca and a "ca" in ssl; keep one of them');
  return complete({ ...tls, ca: readAuthorities(authorities) }, host);
}

/** mysql2 compares no names unless told to; a host that is an address it cannot compare. */
function complete(tls: MysqlTls, host: string): MysqlTls {
  return { rejectUnauthorized: true, verifyIdentity: isIP(host) === 0, ...tls };
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new MysqlUrlError(
      `names the file ${JSON.stringify(path)} in ssl-ca, which cannot be read (${reason})`,
    );
  }
}

function parametersOf<Name extends string>(url: URL, known: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const [name, value] of url.searchParams) {
    const match = known.find((candidate) => candidate === name);
    if (match === undefined) {
      const shown = JSON.stringify(name.slice(0, 40));
      throw new MysqlUrlError(
        `has the parameter ${shown}, which is not understood; known are ${known.join(', ')}`,
      );
    }
    if (found[match] !== undefined) throw new MysqlUrlError(`has the parameter "${match}" twice`);
    found[match] = value;
  }
  return found;
}

function decoded(what: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MysqlUrlError(`has a ${what} with "%" that begins no code; a plain "%" must be written as %25`);
  }
}
