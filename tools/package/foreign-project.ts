import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { libraryManifest, packLibrary, run } from './packed-library.js';

export const INSTALL_DEADLINE_MS = 5 * 60_000;
const RUN_DEADLINE_MS = 150_000;
const EXAMPLE = join(repositoryDirectory, 'tools', 'demo', 'readme-example.ts');
const MAIN = join(repositoryDirectory, 'tools', 'package', 'example', 'main.ts');

export type ModuleKind = 'esm' | 'commonjs';

export interface Servers {
  readonly mysqlRootUrl: string;
  readonly rocketmqEndpoints: string;
  readonly rocketmqNamesrv: string;
}

/**
 * A project of another team, outside the repository: the packed library, its peers and a compiler from the npm
 * registry that this machine is set up for, and the example of the library's README.
 */
export class ForeignProject {
  private constructor(
    readonly directory: string,
    readonly tarball: string,
  ) {}

  static async create(): Promise<ForeignProject> {
    const directory = mkdtempSync(join(tmpdir(), 'txmsg-package-'));
    const project = new ForeignProject(directory, await packLibrary(directory));
    const { peerDependencies, devDependencies } = libraryManifest();
    project.write('package.json', {
      name: 'another-team',
      private: true,
      type: 'module',
      dependencies: {
        txmsg: `file:${project.tarball}`,
        // As a user would: what the library asks for, in the versions that are tested here.
        ...Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, devDependencies[name]])),
      },
      devDependencies: workspaceVersions(['typescript', '@types/node']),
    });
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    await run('npm', [...install, '--loglevel=error'], {
      workingDirectory: project.directory,
      deadlineMs: INSTALL_DEADLINE_MS,
    });
    return project;
  }

  /** Compiles the example as such modules, for topic, groups and databases that are named after `label`. */
  async compile(kind: ModuleKind, label: string, servers: Servers): Promise<CompiledExample> {
    const folder = `${kind}-${label}`;
    const url = (service: string): string => databaseUrl(servers.mysqlRootUrl, service, label);
    const replace = (text: string): string =>
      text
        .replace('mysql://payer:secret@127.0.0.1:3306/payer', url('payer'))
        .replace('mysql://payee:secret@127.0.0.1:3306/payee', url('payee'))
        .replaceAll("'127.0.0.1:58081'", `'${servers.rocketmqEndpoints}'`)
        .replaceAll(/'(topic|producer_group|consumer_group)_payment'/g, `'$1_payment_${label}'`)
        .replace('../../demo/readme-example.js', './payments.js');
    this.write(join(folder, 'package.json'), { type: kind === 'esm' ? 'module' : 'commonjs' });
    this.write(join(folder, 'tsconfig.json'), COMPILER);
    this.write(join(folder, 'payments.ts'), replace(readFileSync(EXAMPLE, 'utf8')));
    this.write(join(folder, 'main.ts'), replace(readFileSync(MAIN, 'utf8')));
    await run(process.execPath, [this.bin('typescript/bin/tsc'), '-p', folder], {
      workingDirectory: this.directory,
      deadlineMs: RUN_DEADLINE_MS,
    });
    return new CompiledExample(this, join(folder, 'dist', 'main.js'), label, servers);
  }

  /** Runs the package's own program. @returns what it printed */
  txmsg(...words: string[]): Promise<string> {
    return run('npx', ['--no-install', 'txmsg', ...words], {
      workingDirectory: this.directory,
      deadlineMs: RUN_DEADLINE_MS,
    });
  }

  /** A Node of this version, by the npm package `node`. @returns its executable */
  async installNode(version: string): Promise<string> {
    const folder = `node-${version}`;
    this.write(join(folder, 'package.json'), { name: folder, private: true });
    // Its install script fetches the executable of this machine.
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `node@${version}`], {
      workingDirectory: join(this.directory, folder),
      deadlineMs: INSTALL_DEADLINE_MS,
    });
    return join(this.directory, folder, 'node_modules', 'node', 'bin', 'node');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private bin(path: string): string {
    return join(this.directory, 'node_modules', path);
  }

  private write(path: string, content: string | object): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
}

/** The example, compiled; it may be run by several versions of Node, each of which begins with new databases. */
export class CompiledExample {
  constructor(
    private readonly project: ForeignProject,
    private readonly program: string,
    private readonly label: string,
    private readonly servers: Servers,
  ) {}

  /** @returns the one line that it prints, as JSON */
  async run(node = process.execPath): Promise<unknown> {
    const { mysqlRootUrl, rocketmqNamesrv } = this.servers;
    await createDatabases(mysqlRootUrl, this.label, await this.project.txmsg('sql'));
    const output = await run(node, [this.program], {
      workingDirectory: this.project.directory,
      deadlineMs: RUN_DEADLINE_MS,
      environment: {
        PAYER_URL: databaseUrl(mysqlRootUrl, 'payer', this.label),
        PAYEE_URL: databaseUrl(mysqlRootUrl, 'payee', this.label),
        ROCKETMQ_NAMESRV: rocketmqNamesrv,
      },
    });
    const line = output.split('\n').find((text) => text.startsWith('{"payer"'));
    return line === undefined ? output : JSON.parse(line);
  }

  /** Whether the tables are up to date, in the words of `npx txmsg status`. */
  status(): Promise<string> {
    const url = databaseUrl(this.servers.mysqlRootUrl, 'payer', this.label);
    return this.project.txmsg('status', '--url', url);
  }

  async dropDatabases(): Promise<void> {
    await withRoot(this.servers.mysqlRootUrl, async (query) => {
      for (const service of ['payer', 'payee'])
        await query(`DROP DATABASE IF EXISTS ${name(service, this.label)}`);
    });
  }
}

const COMPILER = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    types: ['node'],
    outDir: 'dist',
    rootDir: '.',
  },
};

function workspaceVersions(names: readonly string[]): Record<string, string | undefined> {
  const text = readFileSync(join(repositoryDirectory, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };
  return Object.fromEntries(names.map((name) => [name, devDependencies[name]]));
}

const name = (service: string, label: string): string => `test_package_${label}_${service}`;

function databaseUrl(rootUrl: string, service: string, label: string): string {
  const url = new URL(rootUrl);
  url.pathname = `/${name(service, label)}`;
  return url.href;
}

async function createDatabases(rootUrl: string, label: string, sql: string): Promise<void> {
  await withRoot(rootUrl, async (query) => {
    for (const [service, account] of [
      ['payer', 'alice'],
      ['payee', 'bob'],
    ] as const) {
      const database = name(service, label);
      await query(
        `DROP DATABASE IF EXISTS ${database}; CREATE DATABASE ${database}; USE ${database}; ${sql}`,
      );
      await query(
        `CREATE TABLE account (account_no VARCHAR(64) PRIMARY KEY, balance DECIMAL(19,2) NOT NULL);
         INSERT INTO account VALUES ('${account}', 100)`,
      );
    }
  });
}

async function withRoot(
  uri: string,
  work: (query: (sql: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const connection = await createConnection({ uri, multipleStatements: true });
  try {
    await work((sql) => connection.query(sql));
  } finally {
    await connection.end();
  }
}
