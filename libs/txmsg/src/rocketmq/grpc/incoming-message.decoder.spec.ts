import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_MESSAGE_LIMITS } from '../../limits/index.js';
import { Encoding } from './client-protocol.js';
import { decodeMessage } from './incoming-message.decoder.js';
import { wireMessage } from '../../../test/scripted-proxy.js';

const LIMIT = DEFAULT_MESSAGE_LIMITS.bodyBytesMax;
const TEXT = '{"accountChange":{"txNo":"1"}}'.repeat(200);

describe('decoding a message', () => {
  it('inflates what Java senders compress: zlib under the flag GZIP', () => {
    const message = wireMessage('t', 'm', deflateSync(TEXT), Encoding.GZIP);
    expect(decodeMessage(message).body.toString()).toBe(TEXT);
  });

  it('inflates gzip', () => {
    const message = wireMessage('t', 'm', gzipSync(TEXT), Encoding.GZIP);
    expect(decodeMessage(message).body.toString()).toBe(TEXT);
  });

  it('hands on a body that cannot be inflated as it came', () => {
    const message = wireMessage('t', 'm', Buffer.from('not compressed'), Encoding.GZIP);
    expect(decodeMessage(message).body.toString()).toBe('not compressed');
  });

  it('never inflates more than it may keep, and marks what is not all here', () => {
    const bomb = deflateSync(Buffer.alloc(63_000_000));
    expect(bomb.length).toBeLessThan(LIMIT);
    const { body, cut } = decodeMessage(wireMessage('t', 'm', bomb, Encoding.GZIP));
    expect(cut).toEqual({ bytes: bomb.length, compressed: true });
    expect(body.subarray(0, 100).equals(bomb.subarray(0, 100))).toBe(true);
    expect(body.length).toBeLessThanOrEqual(LIMIT);
  });

  it('inflates up to the limit, and not a byte beyond', () => {
    const decode = (size: number) =>
      decodeMessage(wireMessage('t', 'm', gzipSync(Buffer.alloc(size, 'a')), Encoding.GZIP), 5000);
    expect([decode(5000).body.length, decode(5000).cut]).toEqual([5000, undefined]);
    expect(decode(5001).cut).toMatchObject({ compressed: true });
  });

  it('does not try to inflate what is too large before', () => {
    const message = wireMessage('t', 'm', gzipSync(randomBytes(6000)), Encoding.GZIP);
    expect(decodeMessage(message, 5000).cut).toMatchObject({ compressed: true });
  });

  it('keeps the beginning of a body that is too large, in memory of its own', () => {
    const whole = Buffer.alloc(4_000_000, '张');
    const { body, cut } = decodeMessage(wireMessage('t', 'm', whole));
    expect(cut).toEqual({ bytes: 4_000_000, compressed: false });
    expect(body.toString()).toMatch(/^张+…$/u);
    expect(body.buffer.byteLength).toBeLessThanOrEqual(LIMIT);
  });

  it.each([-(2 ** 63), 2 ** 62])('reads no time where the sender wrote %d seconds', (seconds) => {
    const message = wireMessage('t', 'm', Buffer.from('x'));
    const bornAt = { toDate: () => new Date(seconds * 1000) };
    Object.assign(message.getSystemProperties() ?? {}, { getBornTimestamp: () => bornAt });
    expect(decodeMessage(message)).toMatchObject({ messageId: 'm', bornAtMs: undefined });
  });

  it('reads a message without time stamp and digest', () => {
    expect(decodeMessage(wireMessage('t', 'm', Buffer.from('x')))).toEqual({
      messageId: 'm',
      topic: 't',
      keys: ['m'],
      body: Buffer.from('x'),
      properties: {},
      bornAtMs: undefined,
    });
  });
});
