import { describe, expect, it } from '@jest/globals';
import { decodeCommand } from './command.decoder.js';
import { FrameSplitter } from './frame.splitter.js';
import { FrameWriter } from './frame.writer.js';
import { NO_BODY, type RemotingCommand } from './remoting-command.js';
import { MalformedFrameError } from './remoting.errors.js';
import { frameOf } from '../../../test/scripted-server.js';

const FIELDS = { topic: 'topic_txmsg', note: '转账 € 🏦', number: '42' };
const JSON_CODE = 200_050;
const BINARY_CODE = 310;

function written(...codesAndBodies: readonly (readonly [number, Buffer])[]): Buffer {
  const writer = new FrameWriter();
  for (const [opaque, [code, body]] of codesAndBodies.entries()) {
    writer.append({ code, flag: 0, opaque, fields: FIELDS }, body);
  }
  return Buffer.concat(writer.take());
}

function split(chunks: readonly Buffer[], frameBytesMax?: number): RemotingCommand[] {
  const splitter = new FrameSplitter(frameBytesMax);
  const commands: RemotingCommand[] = [];
  for (const chunk of chunks) splitter.push(chunk, (frame) => commands.push(decodeCommand(frame)));
  return commands;
}

/** Numbers from 0 to below 1 that are the same in every run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('frames', () => {
  const large = Buffer.alloc(200_000, 'x');

  it.each([
    ['a binary header', BINARY_CODE, Buffer.from('body')],
    ['a JSON header', JSON_CODE, Buffer.from('body')],
    ['no body', BINARY_CODE, NO_BODY],
    ['a large body', BINARY_CODE, large],
    ['a JSON header and a large body', JSON_CODE, large],
  ])('with %s are read as they were written', (_what, code, body) => {
    const [command, ...more] = split([written([code, body])]);
    expect(more).toEqual([]);
    expect(command).toMatchObject({ code, flag: 0, opaque: 0, version: 493, fields: FIELDS });
    expect(command?.body.equals(body)).toBe(true);
  });

  it('lie in one piece, except for large bodies', () => {
    const writer = new FrameWriter();
    for (let opaque = 0; opaque < 50; opaque++) {
      writer.append({ code: BINARY_CODE, flag: 0, opaque, fields: FIELDS }, Buffer.from('small'));
    }
    expect(writer.take()).toHaveLength(1);
    writer.append({ code: BINARY_CODE, flag: 0, opaque: 1, fields: FIELDS }, large);
    const pieces = writer.take();
    expect(pieces).toHaveLength(2);
    expect(pieces[1]).toBe(large);
    expect(writer.waitingBytes).toBe(0);
  });

  it('that were handed to the socket are not written over', () => {
    const writer = new FrameWriter();
    const append = (text: string): void => {
      writer.append({ code: BINARY_CODE, flag: 0, opaque: 1, fields: {} }, Buffer.from(text));
    };
    append('first');
    const first = writer.take();
    const before = Buffer.concat(first);
    for (let index = 0; index < 5_000; index++) append('another');
    expect(Buffer.concat(first).equals(before)).toBe(true);
  });

  it('are found wherever the stream is cut', () => {
    const stream = written(
      [BINARY_CODE, Buffer.from('one')],
      [JSON_CODE, NO_BODY],
      [BINARY_CODE, Buffer.from('3')],
    );
    for (let at = 0; at <= stream.length; at++) {
      const commands = split([stream.subarray(0, at), stream.subarray(at)]);
      expect(commands.map(({ opaque, body }) => [opaque, body.toString()])).toEqual([
        [0, 'one'],
        [1, ''],
        [2, '3'],
      ]);
    }
    expect(split([...stream].map((byte) => Buffer.of(byte)))).toHaveLength(3);
  });

  it.each([0, 3, 1_001, 0xffff_ffff])('of %d bytes are refused at their length', (length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => split([bytes], 1_000)).toThrow(MalformedFrameError);
  });

  it.each([
    ['no JSON', Buffer.from([0, 0, 0, 6, 0, 0, 0, 2, 0x7b, 0x78])],
    ['a header longer than the frame', Buffer.from([0, 0, 0, 4, 0, 0, 0, 9])],
    ['an unknown form', Buffer.from([0, 0, 0, 4, 7, 0, 0, 0])],
    ['a binary header that is cut off', Buffer.from([0, 0, 0, 6, 1, 0, 0, 2, 0, 0])],
    ['a header without numbers', frameOf({ code: '1', flag: null })],
    ['a header that is null', frameOf(null as unknown as object)],
  ])('with %s are refused', (_what, bytes) => {
    expect(() => split([bytes], 1_000_000_000)).toThrow(MalformedFrameError);
  });

  it('keep a field of any name apart from what objects inherit', () => {
    const frame = Buffer.from(
      '{"code":0,"flag":1,"opaque":1,"extFields":{"__proto__":"x","constructor":"y","number":1}}',
    );
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(4 + frame.length, 0);
    lengths.writeUInt32BE(frame.length, 4);
    const [command] = split([Buffer.concat([lengths, frame])]);
    expect(Object.entries(command?.fields ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.prototype).not.toHaveProperty('x');
  });

  it.each([1, 2, 3])('with damaged bytes are read or refused, never anything else (seed %d)', (seed) => {
    const random = randomOf(seed);
    const stream = written([BINARY_CODE, Buffer.from('one')], [JSON_CODE, Buffer.from('two')]);
    for (let round = 0; round < 3_000; round++) {
      const damaged = Buffer.from(stream.subarray(0, Math.ceil(random() * stream.length)));
      for (let flips = Math.ceil(random() * 4); flips > 0; flips--) {
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      }
      const cut = Math.floor(random() * damaged.length);
      try {
        split([damaged.subarray(0, cut), damaged.subarray(cut)], 10_000);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFrameError);
      }
    }
  });
});
