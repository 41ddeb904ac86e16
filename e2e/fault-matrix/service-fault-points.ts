import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { repositoryDirectory } from '../../tools/stack/stack-paths.js';

/**
 * Every point that these services announce beside the library's: the lists of all `*.fault-points.ts` below their folders
 * and `libs`, so that a new one is found without anyone remembering.
 * @param services - the folders of `apps` to look in; all of them by default
 * @throws Error that names a file without a list of `service:` points
 */
export async function serviceFaultPoints(
  directory = repositoryDirectory,
  services: readonly string[] = readdirSync(join(directory, 'apps')),
): Promise<ServiceFaultPoint[]> {
  const folders = [...services.map((service) => join('apps', service)), 'libs'];
  const files = folders.flatMap((folder) => filesIn(join(directory, folder)));
  const lists = await Promise.all(files.map(pointsOf));
  return [...new Set(lists.flat())].sort();
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : filesIn(path);
    return entry.name.endsWith('.fault-points.ts') ? [path] : [];
  });
}

async function pointsOf(path: string): Promise<ServiceFaultPoint[]> {
  const exported = Object.values((await import(path)) as Record<string, unknown>);
  const points = exported.filter((value) => Array.isArray(value)).flat() as unknown[];
  if (points.length > 0 && points.every(isServicePoint)) return points;
  throw new Error(`${path} exports ${JSON.stringify(exported)}: expected lists of points "service:…".`);
}

function isServicePoint(value: unknown): value is ServiceFaultPoint {
  return typeof value === 'string' && value.startsWith('service:');
}
