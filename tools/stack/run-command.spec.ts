import { describe, expect, it } from '@jest/globals';
import { runCommand } from './run-command.js';

describe('a program that is run to its end', () => {
  const node = (script: string, deadlineMs = 60_000): ReturnType<typeof runCommand> =>
    runCommand(process.execPath, ['-e', script], { deadlineMs });

  it('says what it printed and how it ended', async () => {
    expect(await node('console.log("said"); process.exitCode = 3')).toEqual({
      exitCode: 3,
      output: 'said\n',
    });
  });

  it('says so when its limit ended it', async () => {
    const { exitCode, output } = await node('setInterval(() => {}, 1000)', 50);
    expect(exitCode).toBe(-1);
    expect(output).toBe('\nended by its limit of 0.05 s');
  });

  it('says what kept it from starting', async () => {
    const { exitCode, output } = await runCommand('/no/such/program', [], { deadlineMs: 1000 });
    expect(exitCode).toBe(-1);
    expect(output).toContain('ENOENT');
  });
});
