import { describe, expect, it } from '@jest/globals';
import { BANKS } from '@txmsg/contracts';
import { readScripts, renameDatabase, scriptTexts } from '@txmsg/service/provisioning';

describe.each(BANKS)('the scripts of %s', (bank) => {
  it('leave no trace of the bank outside of comments when they are renamed', () => {
    const [script = ''] = scriptTexts(bank);
    const statements = renameDatabase(script, bank, 'other_1', 'other_account').replaceAll(/^\s*--.*$/gm, '');
    expect(statements).not.toContain(bank);
    expect(statements).toContain('CREATE DATABASE IF NOT EXISTS `other_1`');
    expect(statements).toContain("CREATE USER ''other_account''@''%''");
  });

  it('are read whole by what tells which changes a database still needs', () => {
    const text = scriptTexts(bank).join('\n');
    const { tables, migrations } = readScripts(bank);
    expect(tables).toHaveLength(text.match(/^CREATE TABLE/gm)?.length ?? 0);
    expect(migrations).toHaveLength(text.match(/^PREPARE migration/gm)?.length ?? 0);
  });
});
