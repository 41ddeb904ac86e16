import { describe, expect, it } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import { MalformedFrameError } from './remoting.errors.js';
import { decodeStoredMessages, incomingMessageOf } from './stored-message.decoder.js';
import { storedMessage } from '../../../test/stored-message.js';

const COMPRESSED = 1;
const LZ4 = 0x100;

describe('stored messages', () => {
  it('are read with everything that they carry', () => {
    const bytes = storedMessage({
      topic: 'topic_txmsg',
      body: Buffer.from('金额'),
      properties: 'KEYS\u0001a b\u0002UNIQ_KEY\u0001ID\u0002txmsg-attempt\u0001a-1\u0002empty\u0001\u0002',
      redeliveries: 3,
    });
    expect(decodeStoredMessages(bytes)).toEqual([
      expect.objectContaining({
        head: {
          messageId: 'ID',
          topic: 'topic_txmsg',
          keys: ['a', 'b'],
          properties: { 'txmsg-attempt': 'a-1', empty: '' },
          bornAtMs: 1_700_000_000_000,
        },
        wireBody: Buffer.from('金额'),
        queueId: 5,
        queueOffset: 77,
        redeliveries: 3,
        storedAtMs: 1_700_000_000_001,
        bornHost: '10.1.2.3',
      }),
    ]);
  });

  it.each([
    ['IPv6 addresses', { sysFlag: 0x30 }],
    ['a long topic name', { isV2: true, topic: 't'.repeat(300) }],
  ])('are read with %s', (_what, parts) => {
    const [one, two] = decodeStoredMessages(
      Buffer.concat([storedMessage(parts), storedMessage({ ...parts, body: Buffer.from('second') })]),
    );
    expect(one?.wireBody.toString()).toBe('body');
    expect(two?.wireBody.toString()).toBe('second');
    expect(one?.storedAtMs).toBe(1_700_000_000_001);
  });

  describe('have a body that', () => {
    const incoming = (parts: Parameters<typeof storedMessage>[0], bodyBytesMax?: number) =>
      decodeStoredMessages(storedMessage(parts)).map((stored) => incomingMessageOf(stored, bodyBytesMax))[0];
    const text = (parts: Parameters<typeof storedMessage>[0], bodyBytesMax?: number) =>
      incoming(parts, bodyBytesMax)?.body.toString('latin1');
    const body = deflateSync('x'.repeat(5_000));

    it('is inflated, unless it is damaged, or packed in a way that nothing here unpacks', () => {
      expect(text({ body, sysFlag: COMPRESSED })).toBe('x'.repeat(5_000));
      expect(text({ body, sysFlag: COMPRESSED | 0x300 })).toBe('x'.repeat(5_000));
      expect(text({ body: Buffer.from('no zlib'), sysFlag: COMPRESSED })).toBe('no zlib');
      expect(text({ body: Buffer.from('lz4'), sysFlag: COMPRESSED | LZ4 })).toBe('lz4');
    });

    it('is cut when it is too large, or would be when inflated', () => {
      expect(incoming({ body: Buffer.from('xxxxxxxxxx') }, 9)).toMatchObject({
        body: Buffer.from('xxxxxx…'),
        cut: { bytes: 10, compressed: false },
      });
      expect(incoming({ body, sysFlag: COMPRESSED }, 4_999)?.cut).toEqual({
        bytes: body.length,
        compressed: true,
      });
    });
  });

  it('keep properties with the names of what objects inherit', () => {
    const [one] = decodeStoredMessages(
      storedMessage({ properties: '__proto__\u0001x\u0002UNIQ_KEY\u0001ID\u0002' }),
    );
    expect(Object.entries(one?.head.properties ?? {})).toEqual([['__proto__', 'x']]);
  });

  it.each([-(2n ** 63n), 2n ** 63n - 1n])('tell no time when the sender wrote %d', (bornAtMs) => {
    const [one] = decodeStoredMessages(storedMessage({ bornAtMs }));
    expect(one?.head).toMatchObject({ messageId: 'ID', bornAtMs: undefined });
  });

  it('that are cut off anywhere are refused', () => {
    const bytes = storedMessage({});
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeStoredMessages(bytes.subarray(0, length))).toThrow(MalformedFrameError);
      const shortened = Buffer.from(bytes.subarray(0, length));
      if (length >= 4) shortened.writeInt32BE(length, 0);
      expect(() => decodeStoredMessages(shortened)).toThrow(MalformedFrameError);
    }
  });

  it('with damaged bytes are read or refused, never anything else', () => {
    const bytes = storedMessage({ properties: 'KEYS\u0001a\u0002' });
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        try {
          decodeStoredMessages(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrameError);
        }
      }
    }
  });
});
