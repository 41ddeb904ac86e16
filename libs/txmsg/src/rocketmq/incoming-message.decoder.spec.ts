import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { Encoding } from './client-protocol.js';
import { decodeMessage } from './incoming-message.decoder.js';
import { wireMessage } from './scripted-proxy.fixture.js';

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

  it('hands on a body that would fill the memory as it came', () => {
    const bomb = deflateSync(Buffer.alloc(65 * 1024 * 1024));
    expect(decodeMessage(wireMessage('t', 'm', bomb, Encoding.GZIP)).body.equals(bomb)).toBe(true);
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
