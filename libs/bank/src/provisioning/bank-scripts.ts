import { readFileSync } from 'node:fs';
import { readSchemaScript, txmsgSql, type SchemaScript } from 'txmsg/schema';

export type Bank = 'bank1' | 'bank2';

/** As far from here when compiled. */
const SCRIPTS = new URL('../../../../sql/', import.meta.url);

/** The scripts that make a bank's database, in their order: the bank's own tables, then the library's. */
export function bankScriptTexts(bank: Bank): string[] {
  return [readFileSync(new URL(`${bank}.sql`, SCRIPTS), 'utf8'), txmsgSql()];
}

/** What these scripts make, as one. */
export function readBankScripts(bank: Bank): SchemaScript {
  return readSchemaScript(bankScriptTexts(bank).join('\n'));
}
