import { describe, expect, it } from '@jest/globals';
import { SAMPLE_MESSAGES } from '../../test/sample-messages.js';
import { MalformedFrameError, MessageNotEncodableError } from '../errors/index.js';
import { decodeMessage, encodeMessage } from './message.codec.js';
import { MESSAGES, type Message } from './messages.js';

describe('a message', () => {
  it.each(SAMPLE_MESSAGES.map((message) => [message.type, message] as const))(
    '%s is read as it was written',
    (_type, message) => {
      expect(decodeMessage(encodeMessage(message))).toEqual(message);
    },
  );

  it('is covered by a sample for every type', () => {
    expect(SAMPLE_MESSAGES.map(({ type }) => type).sort()).toEqual(Object.keys(MESSAGES).sort());
  });

  it.each(SAMPLE_MESSAGES.map((message) => [message.type, message] as const))(
    '%s is refused wherever it is cut off',
    (_type, message) => {
      const body = encodeMessage(message);
      for (let length = 0; length < body.length; length += body.length > 1000 ? 997 : 1) {
        expect(() => decodeMessage(body.subarray(0, length))).toThrow(MalformedFrameError);
      }
    },
  );

  it('has the bytes that Seata writes', () => {
    const begin = encodeMessage({ type: 'Begin', timeoutMs: 60_000, name: 'pay' });
    expect(begin.toString('hex')).toBe('0001' + '0000ea60' + '0003' + '706179');
    const refused = { ok: false, message: 'no', exceptionCode: 10 };
    const response = encodeMessage({ type: 'CommitResponse', result: refused, globalStatus: 15 });
    expect(response.toString('hex')).toBe('0008' + '00' + '0002' + '6e6f' + '0a' + '0f');
  });

  it('may be followed by fields of a newer coordinator, and may say null as -1', () => {
    const body = Buffer.from('0002' + '01' + '00' + '0001' + '78' + 'ffff' + '1234', 'hex');
    expect(decodeMessage(body)).toMatchObject({ type: 'BeginResponse', xid: 'x', extraData: '' });
  });

  it.each([
    ['an unknown type', '7fff'],
    ['a negative length', '0002' + '01' + '00' + '8000'],
    ['a length beyond its end', '0002' + '01' + '00' + '7fff' + '61'],
    ['a result code that is none', '000e' + '02' + '00'],
  ])('with %s is refused', (_name, hex) => {
    expect(() => decodeMessage(Buffer.from(hex, 'hex'))).toThrow(MalformedFrameError);
  });

  it.each<[string, Message]>([
    ['32 768 bytes', { type: 'Begin', timeoutMs: 1, name: '€'.repeat(10_923) }],
    ['33 bits', { type: 'Begin', timeoutMs: 2 ** 31, name: '' }],
    ['not a whole number', { type: 'Begin', timeoutMs: 1.5, name: '' }],
    [
      '9223372036854775808',
      {
        type: 'BranchRegisterResponse',
        result: { ok: true, message: '', exceptionCode: 0 },
        branchId: 2n ** 63n,
      },
    ],
  ])('is not written with a value of %s', (_name, message) => {
    expect(() => encodeMessage(message)).toThrow(MessageNotEncodableError);
  });
});
