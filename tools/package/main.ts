import { SERVICES } from '@txmsg/contracts';
import { exitCodeOf } from '../program.js';
import { buildServices } from '../../e2e/kit/service-build.js';
import { testStack } from '../test/test-stack.js';
import { ForeignProject, type Servers } from './foreign-project.js';

/** The oldest version that is supported, and the newest of the later lines. */
const NODE_VERSIONS = ['20.19.0', '22', '24'] as const;

/**
 * `npm run test:package`: installs the packed library outside the repository, and runs the example of its README with
 * several versions of Node, as ES modules and as CommonJS. package.long-spec.ts does the same with one version.
 */
async function main(): Promise<number> {
  const stack = testStack((line) => {
    console.error(line);
  });
  try {
    const environment = await stack.up();
    await buildServices(SERVICES.map(({ name }) => name));
    return await runMatrix({
      mysqlRootUrl: environment.MYSQL_ROOT_URL,
      rocketmqEndpoints: environment.ROCKETMQ_ENDPOINTS,
      rocketmqNamesrv: environment.ROCKETMQ_NAMESRV,
    });
  } finally {
    if (process.env.TXMSG_KEEP_TEST_STACK !== '1') await stack.down();
  }
}

async function runMatrix(servers: Servers): Promise<number> {
  const project = await ForeignProject.create();
  try {
    for (const version of NODE_VERSIONS) {
      const node = await project.installNode(version);
      for (const kind of ['esm', 'commonjs'] as const) {
        const label = `${kind}_${version.replaceAll('.', '_')}`;
        const example = await project.compile(kind, label, servers);
        const result = (await example.run(node)) as { payee?: unknown };
        const isRight = result.payee === '140.00';
        console.log(`${isRight ? 'ok    ' : 'FAILED'} node ${version} ${kind}: ${JSON.stringify(result)}`);
        if (!isRight) return 1;
        await example.dropDatabases();
      }
    }
    return 0;
  } finally {
    project.remove();
  }
}

process.exitCode = await exitCodeOf(main);
