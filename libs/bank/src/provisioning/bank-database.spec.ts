import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { bankUrl, createBankDatabase, renameBank } from './bank-database.js';

const script = (bank: string): string =>
  readFileSync(new URL(`../../../../sql/${bank}.sql`, import.meta.url), 'utf8');

describe('renameBank', () => {
  it.each(['bank1', 'bank2'] as const)('leaves no trace of %s outside of comments', (bank) => {
    const renamed = renameBank(script(bank), bank, 'other_1', 'other_account');
    const statements = renamed.replaceAll(/^\s*--.*$/gm, '');
    expect(statements).not.toContain(bank);
    expect(statements).toContain('CREATE DATABASE IF NOT EXISTS `other_1`');
    expect(statements).toContain("CREATE USER IF NOT EXISTS 'other_account'@'%'");
  });

  it('grants rights on exactly this database: _ in GRANT would match any character', () => {
    const renamed = renameBank(script('bank1'), 'bank1', 'other_1', 'other_1');
    expect(renamed).toContain("ON `other\\_1`.* TO 'other_1'@'%'");
  });
});

describe('bankUrl', () => {
  it("gives every database an account of its own within MySQL's 32 characters", () => {
    const root = 'mysql://root@127.0.0.1:3306';
    const accounts = ['a', 'b'].map(
      (last) => new URL(bankUrl(root, `bank1_${'x'.repeat(40)}_${last}`)).username,
    );
    expect(accounts[0]).not.toBe(accounts[1]);
    for (const account of accounts) expect(account.length).toBeLessThanOrEqual(32);
  });

  it('replaces the account and keeps the server', () => {
    expect(bankUrl('mysql://root:secret@db:3307', 'bank1')).toBe(
      'mysql://bank1:local-development-only@db:3307/bank1',
    );
  });
});

describe('createBankDatabase', () => {
  it.each(['drop`table', '', 'a'.repeat(65)])('refuses the name "%s" before it asks MySQL', async (name) => {
    await expect(createBankDatabase('mysql://root@127.0.0.1:1', 'bank1', name)).rejects.toThrow(
      /is no database name/,
    );
  });
});
