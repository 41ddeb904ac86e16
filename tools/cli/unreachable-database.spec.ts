import { describe, expect, it } from '@jest/globals';
import { auditCommand } from './commands/audit.js';
import { schemaSql, schemaStatus } from './commands/schema.js';
import { runCommandLine } from './run.js';

const NOWHERE = 'mysql://root:secret@127.0.0.1:1';
const BANKS = { BANK1_MYSQL_URL: `${NOWHERE}/b1`, BANK2_MYSQL_URL: `${NOWHERE}/b2` };
const ROOT = { MYSQL_ROOT_URL: NOWHERE };

describe('a database that cannot be reached is named with its address and the variable that holds it, by', () => {
  it.each([
    ['audit', BANKS, /127\.0\.0\.1:1\/b2 \(BANK2_MYSQL_URL\).*ECONNREFUSED/],
    ['audit', ROOT, /127\.0\.0\.1:1 \(MYSQL_ROOT_URL\).*ECONNREFUSED/],
    ['audit --of shop', ROOT, /127\.0\.0\.1:1 \(MYSQL_ROOT_URL\).*ECONNREFUSED/],
    ['status', BANKS, /127\.0\.0\.1:1\/b(1|2) .*ECONNREFUSED.* The address is that of BANK\1_MYSQL_URL\./],
    ['status', ROOT, /127\.0\.0\.1:1\/.*ECONNREFUSED.* The address is that of MYSQL_ROOT_URL\./],
    [
      'sql --pending',
      BANKS,
      /127\.0\.0\.1:1\/b(1|2) .*ECONNREFUSED.* The address is that of BANK\1_MYSQL_URL\./,
    ],
  ])('%s, with %j', async (words, environment, said) => {
    const running = runCommandLine(words.split(' '), [auditCommand, schemaStatus, schemaSql], {
      environment,
      stackDirectory: '/nowhere',
      print: () => undefined,
    });
    const failure: unknown = await running.catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'CommandError',
      exitCode: 3,
      message: expect.stringMatching(said) as unknown,
    });
    expect((failure as Error).message).not.toContain('secret');
  });
});
