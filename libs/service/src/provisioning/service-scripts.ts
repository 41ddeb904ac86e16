import { readFileSync } from 'node:fs';
import type { ServiceName } from '@txmsg/contracts';
import { readSchemaScript, txmsgSql, type SchemaScript } from 'txmsg/schema';

/** As far from here when compiled. */
const SCRIPTS = new URL('../../../../sql/', import.meta.url);

/** The scripts that make a service's database, in their order: the service's own tables, then the library's. */
export function scriptTexts(service: ServiceName): string[] {
  return [readFileSync(new URL(`${service}.sql`, SCRIPTS), 'utf8'), txmsgSql()];
}

/** What these scripts make, as one. */
export function readScripts(service: ServiceName): SchemaScript {
  return readSchemaScript(scriptTexts(service).join('\n'));
}
