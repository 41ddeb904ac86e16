import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runCommand } from '../stack/run-command.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { ensurePrometheus } from './prometheus-preconditions.js';

const directory = join(repositoryDirectory, 'ops', 'prometheus');
/** It computes alone for a quarter of a minute, and many times as long beside others. */
const DEADLINE_MS = 600_000;
const promtool = (...parameters: string[]) =>
  runCommand('promtool', parameters, { deadlineMs: DEADLINE_MS, workingDirectory: directory });

describe('promtool', () => {
  beforeAll(() => ensurePrometheus(() => undefined), 900_000);

  it.each([
    ['accepts the rules', ['check', 'rules', 'alerts.yml']],
    // The token is a file of the container.
    ['accepts the configuration', ['check', 'config', '--syntax-only', 'prometheus.yml']],
    ['sees every alert fire and clear', ['test', 'rules', 'alerts.test.yml']],
  ])(
    '%s',
    async (_what, parameters) => {
      const { exitCode, output } = await promtool(...parameters);
      expect(`${exitCode}\n${output}`).toMatch(/^0\n/);
    },
    DEADLINE_MS,
  );
});
