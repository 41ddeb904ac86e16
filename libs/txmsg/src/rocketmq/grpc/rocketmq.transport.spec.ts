import { describe, expect, it } from '@jest/globals';
import { TxMsgConfigurationError } from '../../errors/index.js';
import { problemsOf } from '../rocketmq-options.rules.js';
import { RocketmqTransport } from './rocketmq.transport.js';

describe('the options of the transport', () => {
  it.each(['broker:8081', '127.0.0.1:1', 'mq.example.com:443', '[::1]:8081'])(
    'may name the endpoint %s',
    (endpoints) => {
      expect(() => new RocketmqTransport({ endpoints })).not.toThrow();
    },
  );

  it.each([
    '',
    'broker',
    'a:1;b:2',
    'http://broker:8081',
    '::1:8081',
    'broker:0',
    undefined as unknown as string,
  ])('may not name the endpoint %j', (endpoints) => {
    expect(() => new RocketmqTransport({ endpoints })).toThrow(TxMsgConfigurationError);
  });

  it.each([1_000, 60_000])('may give requests a deadline of %s ms', (requestTimeoutMs) => {
    expect(problemsOf({ endpoints: 'broker:8081', requestTimeoutMs })).toEqual([]);
  });

  it.each([999, 60_001, 1_000.5, 3e9, Infinity, NaN])(
    'may not give requests a deadline of %s ms',
    (requestTimeoutMs) => {
      expect(problemsOf({ endpoints: 'broker:8081', requestTimeoutMs })).toEqual([
        `rocketmq.requestTimeoutMs is ${requestTimeoutMs}; it must be a whole number from 1000 to 60000`,
      ]);
    },
  );

  it('are reported wrong all at once', () => {
    const options = {
      endpoints: 'broker',
      requestTimeoutMs: 999,
      credentials: { accessKey: 'key', accessSecret: '' },
      tlsRootCertificates: Buffer.from('PEM'),
    };
    expect(problemsOf(options)).toHaveLength(4);
  });
});
