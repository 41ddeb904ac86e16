import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { createConnection, type Connection } from 'mysql2/promise';
import { CommandError } from 'txmsg/cli';
import { runCommandLine } from '../run.js';
import { schemaSql, schemaStatus } from './schema.js';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const databases = { bank1: 'bank1_schema_command_spec', bank2: 'bank2_schema_command_spec' };
const INDEX = 'state_topic_next_attempt_at';

describe("npm run txmsg -- status, sql: the tables of both banks' databases", () => {
  let environment: NodeJS.ProcessEnv;
  let root: Connection;
  let printed: string[];

  const run = (words: string): Promise<number> =>
    runCommandLine(words.split(' '), [schemaStatus, schemaSql], {
      environment,
      stackDirectory: '/nowhere',
      print: (text) => {
        printed.push(text);
      },
    });

  beforeAll(async () => {
    for (const name of Object.values(databases)) await dropServiceDatabase(rootUrl, name);
    environment = {
      BANK1_MYSQL_URL: await createServiceDatabase(rootUrl, 'bank1', databases.bank1),
      BANK2_MYSQL_URL: await createServiceDatabase(rootUrl, 'bank2', databases.bank2),
    };
    root = await createConnection({ uri: rootUrl, multipleStatements: true });
  });
  afterAll(async () => {
    await root.end();
    for (const name of Object.values(databases)) await dropServiceDatabase(rootUrl, name);
  });
  beforeEach(() => {
    printed = [];
  });

  it('are up to date when the scripts have made them', async () => {
    await expect(run('status')).resolves.toBe(0);
    expect(printed).toEqual([`${databases.bank1}: up to date\n${databases.bank2}: up to date`]);
  });

  it('need what is missing, and say the SQL that makes it', async () => {
    await root.query(`ALTER TABLE ${databases.bank2}.local_message DROP KEY ${INDEX}`);
    await expect(run('status')).resolves.toBe(1);
    expect(printed[0]).toContain(`${databases.bank2}: 1 changes are needed\n- local_message.${INDEX}: `);
    await expect(run('status --json')).resolves.toBe(1);
    expect(JSON.parse(printed[1] ?? '')).toMatchObject({
      databases: [
        { pending: [] },
        { database: databases.bank2, pending: [{ name: `local_message.${INDEX}` }] },
      ],
    });
    await expect(run('sql --pending')).resolves.toBe(0);
    await root.query(printed[2] ?? '');
    await expect(run('status')).resolves.toBe(0);
  });

  it("come from a script that the command prints, for another service's database", async () => {
    await run('sql');
    const name = 'txmsg_sql_command_spec';
    await root.query(`CREATE DATABASE ${name}; USE ${name}`);
    try {
      await expect(root.query(printed[0] ?? '')).resolves.toBeDefined();
      await expect(root.query('SELECT * FROM local_message, txmsg_identity')).resolves.toBeDefined();
    } finally {
      await root.query(`DROP DATABASE ${name}`);
    }
  });

  it('cannot be looked at when there is no such database', async () => {
    const url = new URL(environment.BANK1_MYSQL_URL ?? '');
    url.pathname = '/bank1_not_there';
    environment = { ...environment, BANK1_MYSQL_URL: url.href };
    const failure: unknown = await run('status').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandError);
    expect(failure).toMatchObject({ exitCode: 3 });
  });
});
