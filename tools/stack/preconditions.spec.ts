import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaMajorVersion, javaVersion } from './preconditions.js';

describe('javaMajorVersion', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_292"', 8],
    ['openjdk version "21" 2023-09-19', 21],
    ['openjdk version "25-ea" 2025-09-16', 25],
    ['spawn java ENOENT', 0],
  ])('reads %s', (output, expected) => {
    expect(javaMajorVersion(output)).toBe(expected);
  });
});

describe('javaVersion', () => {
  const { JAVA_HOME } = process.env;

  afterEach(() => {
    if (JAVA_HOME === undefined) delete process.env.JAVA_HOME;
    else process.env.JAVA_HOME = JAVA_HOME;
  });

  it('is that of the program that runs the servers, which JAVA_HOME chooses', async () => {
    const home = mkdtempSync(join(tmpdir(), 'java-home-'));
    mkdirSync(join(home, 'bin'));
    writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "11.0.2"' >&2\n`, {
      mode: 0o755,
    });
    process.env.JAVA_HOME = home;
    await expect(javaVersion()).resolves.toBe(11);
    rmSync(home, { recursive: true });
  });
});
