import { describe, expect, it } from '@jest/globals';
import { SERVICES } from '@txmsg/contracts';
import { createServiceDatabase, databaseUrl, renameDatabase } from './service-database.js';

const SCRIPT = `-- What things are made of.
CREATE DATABASE IF NOT EXISTS \`things\` CHARACTER SET utf8mb4;
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'things'), 'DO 0', 'CREATE USER ''things''@''%'' IDENTIFIED BY ''secret'''
);
SET @account = 'GRANT SELECT, INSERT ON \`things\`.* TO ''things''@''%''';
USE \`things\`;`;

describe('renameDatabase', () => {
  it('renames the database and its account', () => {
    const renamed = renameDatabase(SCRIPT, 'things', 'other_1', 'other_account');
    const statements = renamed.replaceAll(/^\s*--.*$/gm, '');
    expect(statements).not.toContain('things');
    expect(statements).toContain('CREATE DATABASE IF NOT EXISTS `other_1`');
    expect(statements).toContain("User = 'other_account'");
    expect(statements).toContain("CREATE USER ''other_account''@''%''");
  });

  it('grants rights on exactly this database: _ in GRANT would match any character', () => {
    const renamed = renameDatabase(SCRIPT, 'things', 'other_1', 'other_1');
    expect(renamed).toContain("ON `other\\_1`.* TO ''other_1''@''%''");
  });
});

describe('databaseUrl', () => {
  it("gives every database an account of its own within MySQL's 32 characters", () => {
    const root = 'mysql://root@127.0.0.1:3306';
    const names = ['a', 'b'].map(
      (last) => new URL(databaseUrl(root, `things_${'x'.repeat(40)}_${last}`)).username,
    );
    expect(names[0]).not.toBe(names[1]);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(32);
  });

  it('replaces the account and keeps the server', () => {
    expect(databaseUrl('mysql://root:secret@db:3307', 'things')).toBe(
      'mysql://things:local-development-only@db:3307/things',
    );
  });
});

describe('createServiceDatabase', () => {
  it.each(['drop`table', '', 'a'.repeat(65)])('refuses the name "%s" before it asks MySQL', async (name) => {
    const [service] = SERVICES;
    if (service === undefined) throw new Error('The list of services is empty.');
    await expect(createServiceDatabase('mysql://root@127.0.0.1:1', service.name, name)).rejects.toThrow(
      /is no database name/,
    );
  });
});
