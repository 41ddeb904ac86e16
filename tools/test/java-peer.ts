import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchOnce } from '../stack/downloads.js';
import { whileInstalling } from '../stack/installation-lock.js';
import { ensurePreconditions, javaProgram } from '../stack/preconditions.js';
import { releaseOf, type SeataVersion } from '../stack/seata-version.js';
import { cacheDirectory, repositoryDirectory } from '../stack/stack-paths.js';

const PROJECT = join(repositoryDirectory, 'libs', 'seata', 'test', 'java');
/** It is started often and runs for a short time. */
const FOR_A_SHORT_TIME = ['-Xms32m', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * Builds the service in Java that the tests of libs/seata meet, once for each version of its sources.
 * @returns the command that runs it
 */
export async function javaPeerCommand(
  version: SeataVersion,
  onProgress: (line: string) => void,
): Promise<readonly string[]> {
  const [cache, release] = [cacheDirectory(), releaseOf(version)];
  const target = join(cache, `seata-java-peer-${release}-${hashOfProject()}`);
  await whileInstalling(cache, onProgress, async () => {
    await ensurePreconditions({ mysql: false, java: true, downloads: true }, onProgress);
    const goals = (output: string): string[] => [
      ...['process-classes', 'dependency:copy-dependencies'],
      `-Dseata.version=${release}`,
      `-Dpeer.classes=${join(output, 'classes')}`,
      `-DoutputDirectory=${join(output, 'lib')}`,
      '-DincludeScope=runtime',
    ];
    await fetchOnce(
      target,
      `a service in Java with Seata ${release} (about 60 MB)`,
      onProgress,
      goals,
      PROJECT,
    );
  });
  const classPath = [join(target, 'classes'), join(target, 'lib', '*')].join(':');
  return [javaProgram(), ...FOR_A_SHORT_TIME, '-cp', classPath, 'txmsg.peer.Peer'];
}

function hashOfProject(): string {
  const hash = createHash('sha256');
  const files = readdirSync(PROJECT, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  for (const path of paths) hash.update(path.slice(PROJECT.length)).update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
}
