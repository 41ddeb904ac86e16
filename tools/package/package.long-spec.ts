import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { runCommand } from '../stack/run-command.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { ForeignProject, INSTALL_DEADLINE_MS, type ModuleKind } from './foreign-project.js';

const servers = {
  mysqlRootUrl: process.env.MYSQL_ROOT_URL ?? '',
  rocketmqEndpoints: process.env.ROCKETMQ_ENDPOINTS ?? '',
  rocketmqNamesrv: process.env.ROCKETMQ_NAMESRV ?? '',
};

/** Each reads every declaration of the library and of what it imports. */
const CHECK_DEADLINE_MS = 400_000;

/** A checker of packages, as it is installed here. What it finds is in its output. */
function check(program: string, ...parameters: string[]): ReturnType<typeof runCommand> {
  return runCommand(process.execPath, [join(repositoryDirectory, program), ...parameters], {
    deadlineMs: CHECK_DEADLINE_MS,
    workingDirectory: repositoryDirectory,
  });
}

/** The library as `npm run build` has left it, packed. */
describe('the package txmsg, installed by another team', () => {
  let project: ForeignProject;

  beforeAll(async () => {
    project = await ForeignProject.create();
  }, INSTALL_DEADLINE_MS);
  afterAll(() => {
    project.remove();
  });

  it(
    'is put together as npm packages are',
    async () => {
      const publint = await check('node_modules/publint/src/cli.js', 'run', project.tarball, '--strict');
      expect(publint).toMatchObject({ exitCode: 0, output: expect.stringContaining('All good!') });
    },
    CHECK_DEADLINE_MS,
  );

  it(
    'has declarations where its code is, for every entry',
    async () => {
      // An SQL script has none. CommonJS loads ES modules with require().
      const parameters = ['--profile', 'esm-only', '--exclude-entrypoints', 'sql', '--format', 'ascii'];
      const attw = await check(
        'node_modules/@arethetypeswrong/cli/dist/index.js',
        project.tarball,
        ...parameters,
      );
      // With problems it names them, and ends with 1.
      expect(attw).toMatchObject({ exitCode: 0, output: expect.stringContaining('"txmsg/testing"') });
    },
    CHECK_DEADLINE_MS,
  );

  it.each<ModuleKind>(['esm', 'commonjs'])("runs the README's example as %s", async (kind) => {
    const example = await project.compile(kind, kind, servers);
    await expect(example.run()).resolves.toMatchObject({ payer: '60.00', payee: '140.00', pending: 0 });
    await expect(example.status()).resolves.toBe(`test_package_${kind}_payer: up to date\n`);
    await example.dropDatabases();
  });
});
