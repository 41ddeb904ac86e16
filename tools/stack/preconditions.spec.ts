import { describe, expect, it } from '@jest/globals';
import { javaMajorVersion } from './preconditions.js';

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
