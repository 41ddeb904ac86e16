/** How every program here reaches MySQL; an entry of its own, because tools that set a system up bring no Nest. */
export { MysqlUrlError, mysqlPlace, parseMysqlUrl, type MysqlServer } from './mysql-url.js';
export type { MysqlTls } from './mysql-tls.js';
export { SESSION_SETTINGS, sessionStatement } from './session-settings.js';
