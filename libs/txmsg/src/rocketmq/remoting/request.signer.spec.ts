import { describe, expect, it } from '@jest/globals';
import { signed } from './request.signer.js';

describe('the signature of a request', () => {
  const credentials = { accessKey: 'clientA', accessSecret: 'secret' };

  // Made with: printf 'clientAtopic_txmsg42body' | openssl dgst -sha1 -hmac secret -binary | base64
  it('is over the values in the order of their names, the user among them, then the body', () => {
    const fields = signed({ z: '42', topic: 'topic_txmsg' }, Buffer.from('body'), credentials);
    expect(fields).toEqual({
      topic: 'topic_txmsg',
      z: '42',
      AccessKey: 'clientA',
      Signature: 'V3D2kOMEufoZqvKQ9POOLsHElbI=',
    });
  });

  it('sorts names as Java does: capitals first', () => {
    const sign = (fields: Record<string, string>) => signed(fields, Buffer.alloc(0), credentials).Signature;
    expect(sign({ b: '2', A: '1' })).toBe(sign({ A: '1', b: '2' }));
    expect(sign({ b: '1', A: '2' })).not.toBe(sign({ A: '1', b: '2' }));
  });
});
