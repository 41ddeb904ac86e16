import { table } from '../cli/table.js';
import type { ComposeProject } from './compose-project.js';

/** What the system takes on this machine: the memory of each container, and the size of each image. */
export async function measurements(project: ComposeProject): Promise<string> {
  const running = await project.compose(['ps', '--quiet']);
  const ids = running.split(/\s+/).filter((id) => id !== '');
  const memory = await project.docker([
    'stats',
    '--no-stream',
    '--format',
    '{{.Name}}|{{.MemUsage}}',
    ...ids,
  ]);
  const images = await project.docker(['image', 'ls', '--format', '{{.Repository}}|{{.Size}}']);
  const wanted = ['mysql|', 'apache/rocketmq|', 'node|', `${project.name}-`];
  const rows = (text: string): string[][] =>
    text
      .trim()
      .split('\n')
      .sort()
      .map((line) => line.split('|'));
  return [
    table(['container', 'memory used / limit'], rows(memory)),
    table(
      ['image', 'size'],
      rows(images).filter(([image]) => wanted.some((start) => `${image ?? ''}|`.startsWith(start))),
    ),
  ].join('\n\n');
}
