import { describe, expect, it } from '@jest/globals';
import { mutatedFrame, validFrame } from '../../test/mutated-frames.js';
import { seededRandom } from '../../test/seeded-random.js';
import { MalformedFrameError } from '../errors/index.js';
import { encodeFrame, type Frame } from './frame.js';
import { FrameDecoder } from './frame.decoder.js';
import { decodeMessage } from './message.codec.js';

const body = Buffer.from('0123456789');
const frame: Frame = { kind: 'REQUEST', id: -7, body };
const changed = (offset: number, hex: string): Buffer => {
  const bytes = encodeFrame(frame);
  Buffer.from(hex, 'hex').copy(bytes, offset);
  return bytes;
};

describe('a frame', () => {
  it('has the bytes that Seata writes', () => {
    const head = 'dada' + '01' + '0000001a' + '0010' + '00' + '01' + '00' + 'fffffff9';
    expect(encodeFrame(frame).toString('hex')).toBe(head + body.toString('hex'));
  });

  it('is read with a map in its head', () => {
    const map = Buffer.from('0001' + '61' + 'ffff', 'hex');
    const bytes = Buffer.concat([encodeFrame(frame).subarray(0, 16), map, body]);
    bytes.writeInt32BE(bytes.length, 3);
    bytes.writeInt16BE(16 + map.length, 7);
    expect([...new FrameDecoder().push(bytes)]).toEqual([frame]);
  });

  it.each([1, 2, 3, 15, 16, 17, 1000])('is read when it comes in pieces of %d bytes', (size) => {
    const random = seededRandom(size);
    const frames = Array.from({ length: 50 }, () => validFrame(random));
    const stream = Buffer.concat(frames);
    const decoder = new FrameDecoder();
    const read: Frame[] = [];
    for (let at = 0; at < stream.length; at += size)
      read.push(...decoder.push(stream.subarray(at, at + size)));
    expect(read.map((each) => encodeFrame(each).toString('hex'))).toEqual(
      frames.map((each) => each.toString('hex')),
    );
  });

  it.each([
    ['another magic number', changed(0, 'dadb')],
    ['another version', changed(2, '02')],
    ['a negative length', changed(3, 'ffffffff')],
    ['a length of more than 8 MiB', changed(3, '00800001')],
    ['a length below its head', changed(3, '0000000f')],
    ['a head that is too short', changed(7, '000f')],
    ['a head beyond its end', changed(7, '001b')],
    ['a negative head', changed(7, 'ffff')],
    ['an unknown kind', changed(9, '05')],
    ['an unknown codec', changed(10, '02')],
    ['a compressor', changed(11, '01')],
    ['a map with a length that lies', changed(7, '0014')],
  ])('with %s is refused', (_name, bytes) => {
    expect(() => [...new FrameDecoder().push(bytes)]).toThrow(MalformedFrameError);
  });

  it('is refused with a typed error, whatever 100 000 mutated ones contain', () => {
    const random = seededRandom(20_261_127);
    let refused = 0;
    for (let count = 0; count < 100_000; count += 1) {
      try {
        for (const { kind, body } of new FrameDecoder().push(mutatedFrame(random))) {
          if (kind !== 'PING' && kind !== 'PONG') decodeMessage(body);
        }
      } catch (error) {
        if (!(error instanceof MalformedFrameError)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(20_000);
  });
});
