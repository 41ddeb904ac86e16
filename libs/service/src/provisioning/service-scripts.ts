import { readFileSync } from 'node:fs';
import { serviceNamed, type ServiceName } from '@txmsg/contracts';
import { readSchemaScript, txmsgSql, type SchemaScript } from 'txmsg/schema';

/** As far from here when compiled. */
const REPOSITORY = new URL('../../../../', import.meta.url);

/** The scripts that make a service's database, in their order: the service's own tables, then those of its libraries. */
export function scriptTexts(service: ServiceName): string[] {
  const { libraryScripts = [] } = serviceNamed(service);
  const read = (path: string): string => readFileSync(new URL(path, REPOSITORY), 'utf8');
  return [read(`sql/${service}.sql`), txmsgSql(), ...libraryScripts.map(read)];
}

/** What these scripts make, as one. */
export function readScripts(service: ServiceName): SchemaScript {
  return readSchemaScript(scriptTexts(service).join('\n'));
}
