import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClockWatch, type StoredTimes } from './clock.watch.js';

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

function message(bornAtMs: number | undefined, storedAtMs: number | undefined): StoredTimes {
  return { messageId: 'm', bornHost: '10.0.0.1', bornAtMs, storedAtMs };
}

describe('ClockWatch', () => {
  const warn = jest.fn<(message: string) => void>();
  let watch: ClockWatch;

  beforeEach(() => {
    warn.mockClear();
    watch = new ClockWatch({ log: warn, warn, error: warn });
  });

  it.each([
    ['a quick message', NOW - 5, NOW - 2],
    ['a message that was committed late and waited long', NOW - 9 * HOUR_MS, NOW - HOUR_MS],
    ['clocks that differ a little', NOW + 4000, NOW + 2000],
    ['a message without times', undefined, undefined],
    ['a message without the time of its birth', undefined, NOW],
  ])('says nothing about %s', (_what, bornAtMs, storedAtMs) => {
    watch.observe(message(bornAtMs, storedAtMs), NOW);
    expect(warn).not.toHaveBeenCalled();
  });

  it("names the sender whose clock is ahead of the broker's", () => {
    watch.observe(message(NOW + 60_000, NOW), NOW);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/sender of message m .* 60000 ms ahead/));
  });

  it("says that this machine's clock is behind the broker's", () => {
    watch.observe(message(NOW, NOW + 60_000), NOW);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/This machine's clock .* 60000 ms behind/));
  });

  it('repeats itself once an hour, not with every message', () => {
    for (const now of [NOW, NOW + 1, NOW + HOUR_MS]) watch.observe(message(now + 60_000, now), now);
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
