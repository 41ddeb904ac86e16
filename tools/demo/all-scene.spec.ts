import { describe, expect, it } from '@jest/globals';
import { AllScene } from './all-scene.js';
import type { OpenScene } from './scene.js';
import { Terminal } from './terminal.js';

/** Scenes and servers that only note what happens to them, in order. */
function stage(holds: Readonly<Record<string, boolean>>) {
  const events: string[] = [];
  const lines: string[] = [];
  const note = (what: string): Promise<void> => {
    events.push(what);
    return Promise.resolve();
  };
  const open =
    (name: string): OpenScene =>
    () => ({
      play: () => note(`${name} plays`).then(() => holds[name] ?? false),
      keep: () => note(`${name} keeps`).then(() => Promise.reject(new Error('ended'))),
      stop: () => note(`${name} stops`),
    });
  const output = { write: (line: string) => lines.push(line) > 0 };
  const terminal = new Terminal({ output, progress: { write: () => true } }, {});
  const servers = {
    start: () => note('servers start').then(() => ({}) as never),
    stop: () => note('servers stop'),
  };
  const scenes = Object.fromEntries(Object.keys(holds).map((name) => [name, open(name)]));
  return { all: new AllScene(scenes, terminal, servers), events, lines };
}

describe('all scenes', () => {
  it('are played one after another between one start and one stop of the servers', async () => {
    const { all, events, lines } = stage({ one: true, two: true });
    expect(await all.play()).toBe(true);
    await all.stop();
    expect(events).toEqual([
      'servers start',
      'one plays',
      'one stops',
      'two plays',
      'two stops',
      'servers stop',
    ]);
    expect(lines.at(-1)).toBe('All scenes hold: one, two.\n');
  });

  it('go on after one that does not hold, and say which that was', async () => {
    const { all, events, lines } = stage({ one: false, two: true });
    expect(await all.play()).toBe(false);
    expect(events).toContain('two plays');
    expect(lines.at(-1)).toBe('Scenes that do not hold: one (of one, two).\n');
  });

  it('begin with no further one once they are to stop', async () => {
    const { all, events } = stage({ one: true, two: true });
    const playing = all.play();
    await all.stop();
    expect(await playing).toBe(false);
    expect(events).not.toContain('two plays');
  });

  it('keep what the last one has started', async () => {
    const { all, events } = stage({ one: true, two: true });
    await all.play();
    await expect(all.keep()).rejects.toThrow('ended');
    expect(events.filter((event) => event.endsWith('keeps'))).toEqual(['two keeps']);
  });
});
