import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryDirectory = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where the stack of `npm run stack` lives unless TXMSG_STACK_DIR says otherwise. */
export function defaultStackDirectory(): string {
  const configured = process.env.TXMSG_STACK_DIR;
  return configured ? resolve(configured) : join(repositoryDirectory, '.stack');
}

/** Jars and the unpacked MySQL: the same for every stack, kept by `reset`. */
export function cacheDirectory(): string {
  const configured = process.env.TXMSG_CACHE_DIR;
  return configured ? resolve(configured) : join(repositoryDirectory, '.stack', 'cache');
}

/** The files of one stack. */
export class StackPaths {
  readonly directory: string;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    // Servers are recognised by this path on their command line, so it must always be spelled the same way.
    this.directory = realpathSync(directory);
  }

  get state(): string {
    return join(this.directory, 'state.json');
  }

  get lock(): string {
    return join(this.directory, 'lock');
  }

  /** Readable by nobody else; kept by `reset`. */
  get mysqlRootPassword(): string {
    return join(this.directory, 'mysql-root-password');
  }

  /** The coordinator's, likewise. */
  get seataConsolePassword(): string {
    return join(this.directory, 'seata-console-password');
  }

  get seataSecretKey(): string {
    return join(this.directory, 'seata-secret-key');
  }

  get seataDatabasePassword(): string {
    return join(this.directory, 'seata-database-password');
  }

  get configuration(): string {
    return join(this.directory, 'config');
  }

  get logs(): string {
    return join(this.directory, 'logs');
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  get mysqlData(): string {
    return join(this.data, 'mysql');
  }

  get mysqlSocket(): { folder: string; path: string } {
    return { folder: this.directory, path: join('data', 'mysql', 'mysql.sock') };
  }

  get seataData(): string {
    return join(this.data, 'seata');
  }

  get namesrvData(): string {
    return join(this.data, 'namesrv');
  }

  get brokerData(): string {
    return join(this.data, 'broker');
  }

  get hasData(): boolean {
    return existsSync(this.mysqlData) || existsSync(this.brokerData);
  }
}
