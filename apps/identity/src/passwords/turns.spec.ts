import { describe, expect, it } from '@jest/globals';
import { NoTurnError, Turns } from './turns.js';

describe('Turns', () => {
  it('lets so many run at a time, and the others in their order', async () => {
    const turns = new Turns(2);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const works = [1, 2, 3, 4].map((name) =>
      turns.run(() => {
        begun.push(name);
        return new Promise<number>((resolve) => {
          ends.push(() => {
            resolve(name);
          });
        });
      }, 60_000),
    );
    await Promise.resolve();
    expect(begun).toEqual([1, 2]);
    ends[1]?.();
    await works[1];
    await Promise.resolve();
    expect(begun).toEqual([1, 2, 3]);
    ends[0]?.();
    await works[0];
    for (const end of ends) end();
    await works[2];
    ends.at(-1)?.();
    expect(await Promise.all(works)).toEqual([1, 2, 3, 4]);
  });

  it('gives up waiting in time, and the turn to the next', async () => {
    const turns = new Turns(1);
    let end = (): void => undefined;
    const first = turns.run(() => new Promise<void>((resolve) => (end = resolve)), 60_000);
    await expect(turns.run(() => Promise.resolve('late'), 20)).rejects.toThrow(NoTurnError);
    const third = turns.run(() => Promise.resolve('third'), 60_000);
    end();
    await first;
    expect(await third).toBe('third');
  });

  it('goes on after a work that failed', async () => {
    const turns = new Turns(1);
    await expect(turns.run(() => Promise.reject(new Error('its own')), 1000)).rejects.toThrow('its own');
    expect(await turns.run(() => Promise.resolve(1), 1000)).toBe(1);
  });
});
