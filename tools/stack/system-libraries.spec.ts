import { describe, expect, it } from '@jest/globals';
import { parseLdconfig } from './system-libraries.js';

describe('parseLdconfig', () => {
  it('tells a library from its renamed successor', () => {
    const libraries = parseLdconfig(
      "2 libs found in cache `/etc/ld.so.cache'\n" +
        '\tlibnuma.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libnuma.so.1\n' +
        '\tlibaio.so.1t64 (libc6,x86-64) => /lib/x86_64-linux-gnu/libaio.so.1t64\n',
    );
    expect(libraries.has('libaio.so.1')).toBe(false);
    expect(libraries.get('libaio.so.1t64')).toBe('/lib/x86_64-linux-gnu/libaio.so.1t64');
  });
});
