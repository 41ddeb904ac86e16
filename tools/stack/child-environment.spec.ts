import { describe, expect, it } from '@jest/globals';
import { childEnvironment } from './child-environment.js';

describe('childEnvironment', () => {
  it.each<[string, NodeJS.ProcessEnv]>([
    ['none', { LC_ALL: '' }],
    ['C', { LC_ALL: 'C', LANG: 'de_DE.UTF-8' }],
    ['of Latin-1', { LANG: 'de_DE.ISO-8859-1' }],
    ['that says nothing of its characters', { LC_CTYPE: 'POSIX', LANG: 'de_DE.UTF-8' }],
  ])('makes a locale of UTF-8 from one that is %s', (_, environment) => {
    expect(childEnvironment({ PATH: '/bin', ...environment }, 'linux')).toEqual({
      PATH: '/bin',
      ...environment,
      LC_ALL: 'C.UTF-8',
    });
  });

  it.each<NodeJS.ProcessEnv>([
    { LC_ALL: 'de_DE.utf8' },
    { LANG: 'zh_CN.UTF-8' },
    { LC_CTYPE: 'C.UTF-8', LANG: 'C' },
  ])('leaves %j as it is', (environment) => {
    expect(childEnvironment(environment, 'linux')).toBe(environment);
  });

  it('leaves other systems alone', () => {
    const environment = { LC_ALL: 'C' };
    expect(childEnvironment(environment, 'darwin')).toBe(environment);
  });
});
