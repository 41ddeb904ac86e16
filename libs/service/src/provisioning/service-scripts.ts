import { readFileSync } from 'node:fs';
import { hasMessages, serviceNamed, type ServiceName } from '@txmsg/contracts';
import { readSchemaScript, txmsgSql, type SchemaScript } from 'txmsg/schema';

/** As far from here when compiled. */
const REPOSITORY = new URL('../../../../', import.meta.url);

/** The scripts that make a service's database, in their order: the service's own tables, then those of the libraries that it uses. */
export function scriptTexts(service: ServiceName): string[] {
  const described = serviceNamed(service);
  const { libraryScripts = [] } = described;
  const read = (path: string): string => readFileSync(new URL(path, REPOSITORY), 'utf8');
  return [
    read(`sql/${service}.sql`),
    ...(hasMessages(described) ? [txmsgSql()] : []),
    ...libraryScripts.map(read),
  ];
}

/** What these scripts make, as one. */
export function readScripts(service: ServiceName): SchemaScript {
  return readSchemaScript(scriptTexts(service).join('\n'));
}
