import { describe, expect, it } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import { MalformedFrameError } from './remoting.errors.js';
import { decodeStoredMessages } from './stored-message.decoder.js';
import { storedMessage } from './stored-message.fixture.js';

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
        message: {
          messageId: 'ID',
          topic: 'topic_txmsg',
          keys: ['a', 'b'],
          body: Buffer.from('金额'),
          properties: { 'txmsg-attempt': 'a-1', empty: '' },
          bornAtMs: 1_700_000_000_000,
        },
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
    expect(one?.message.body.toString()).toBe('body');
    expect(two?.message.body.toString()).toBe('second');
    expect(one?.storedAtMs).toBe(1_700_000_000_001);
  });

  it('are inflated, unless they would be too large, are damaged, or are packed in a way that nothing here unpacks', () => {
    const body = deflateSync('x'.repeat(5_000));
    const inflated = (parts: Parameters<typeof storedMessage>[0], maxBodyBytes?: number) =>
      decodeStoredMessages(storedMessage(parts), maxBodyBytes)[0]?.message.body.toString('latin1');
    expect(inflated({ body, sysFlag: COMPRESSED })).toBe('x'.repeat(5_000));
    expect(inflated({ body, sysFlag: COMPRESSED | 0x300 })).toBe('x'.repeat(5_000));
    expect(inflated({ body, sysFlag: COMPRESSED }, 4_999)).toBe(body.toString('latin1'));
    expect(inflated({ body: Buffer.from('no zlib'), sysFlag: COMPRESSED })).toBe('no zlib');
    expect(inflated({ body: Buffer.from('lz4'), sysFlag: COMPRESSED | LZ4 })).toBe('lz4');
  });

  it('keep properties with the names of what objects inherit', () => {
    const [one] = decodeStoredMessages(
      storedMessage({ properties: '__proto__\u0001x\u0002UNIQ_KEY\u0001ID\u0002' }),
    );
    expect(Object.entries(one?.message.properties ?? {})).toEqual([['__proto__', 'x']]);
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
