import { describe, expect, it } from '@jest/globals';
import { chooseNetwork } from './own-network.js';

describe('chooseNetwork', () => {
  it('names both ends of a cable by link-local addresses that belong together', () => {
    const { hostAddress, serverAddress } = chooseNetwork('/home/somebody/.stack', new Set());
    const [, third, host] = /^169\.254\.(\d+)\.(\d+)$/.exec(hostAddress) ?? [];
    expect(Number(third)).toBeLessThanOrEqual(127);
    expect(Number(host) % 2).toBe(0);
    expect(serverAddress).toBe(`169.254.${third}.${Number(host) + 1}`);
  });

  it('has one name for one folder, which Linux takes for the name of an interface', () => {
    const names = ['/one', '/one', '/two'].map((owner) => chooseNetwork(owner, new Set()).interface);
    expect(names[0]).toBe(names[1]);
    expect(names[0]).not.toBe(names[2]);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(15);
  });

  it('leaves alone what this machine has already', () => {
    const used = new Set(
      Array.from({ length: 127 }, (_, third) =>
        Array.from({ length: 256 }, (_unused, last) => `169.254.${third + 1}.${last}`),
      )
        .flat()
        .filter((address) => !/^169\.254\.\d*[02468]\./.test(address)),
    );
    const { hostAddress } = chooseNetwork('/one', used);
    expect(used.has(hostAddress)).toBe(false);
  });
});
