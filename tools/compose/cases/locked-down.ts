import { SERVICES } from '@txmsg/contracts';
import { StackError } from '../../stack/stack-error.js';
import type { ComposeCase } from '../compose-case.js';
import { words, type ComposeProject } from '../compose-project.js';
import { expectThat } from '../compose-system.js';

const OURS = [...SERVICES.map(({ name }) => name), 'topics', 'load-balancer'];

export const lockedDown: ComposeCase = {
  title: 'nothing of ours runs as root or can write, and no secret shows in images, containers or logs',
  async play({ project }) {
    const ours = await project.containers(...OURS);
    const format = '{{.Name}} is {{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}';
    const settings = (await project.docker(['inspect', '--format', format, ...ours])).trim().split('\n');
    const isLockedDown = (line: string): boolean => / is (node|haproxy) true \[ALL\]$/.test(line);
    expectThat(
      'Another user, or not read-only, or with rights',
      settings.filter((line) => !isLockedDown(line)),
      [],
    );
    expectThat('Ended by the kernel for want of memory', await killedForMemory(project), []);

    const everything = await project.containers();
    const images = words(await project.docker(['inspect', '--format', '{{.Image}}', ...everything]));
    const seen: Record<string, string> = {
      'docker inspect': await project.docker(['inspect', ...everything]),
      'docker image inspect': await project.docker(['image', 'inspect', ...images]),
      'docker compose logs': await project.compose(['logs', '--no-color']),
    };
    for (const image of new Set(images))
      seen[`docker history ${image}`] = await project.docker(['history', '--no-trunc', image]);
    for (const [where, text] of Object.entries(seen))
      if (project.secrets.some((secret) => text.includes(secret)))
        throw new StackError(`"${where}" shows a secret.`);
    return undefined;
  },
};

async function killedForMemory(project: ComposeProject): Promise<string[]> {
  const format = '{{.Name}} {{.State.OOMKilled}}';
  const containers = await project.containers();
  const lines = await project.docker(['inspect', '--format', format, ...containers]);
  return lines.split('\n').filter((line) => line.endsWith(' true'));
}
