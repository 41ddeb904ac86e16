import { describe, expect, it } from '@jest/globals';
import { isXid } from './xid.js';

describe('an XID', () => {
  it.each([
    '192.168.1.7:8091:2612345678901234567',
    'seata.example.com:8091:1',
    '[fe80::1]:8091:1',
    '::1:8091:12345678901234567890',
  ])('may be %s', (text) => {
    expect(isXid(text)).toBe(true);
  });

  it.each([
    '',
    'a',
    'host:8091',
    'host:8091:',
    'host:8091:-1',
    'host:8091:1x',
    ':8091:1',
    'hóst:8091:1',
    'ho st:8091:1',
    'host:8091:1\n',
    'host:809100:1',
    'host:8091:123456789012345678901',
    `${'h'.repeat(122)}:8091:1`,
    "host:8091:1' OR '1'='1",
  ])('may not be %j', (text) => {
    expect(isXid(text)).toBe(false);
  });
});
