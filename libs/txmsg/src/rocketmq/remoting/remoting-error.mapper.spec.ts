import { describe, expect, it } from '@jest/globals';
import { BrokerError, BrokerUnavailableError } from '../../errors/index.js';
import { ResponseCode } from './remoting-codes.js';
import { toBrokerError } from './remoting-error.mapper.js';
import { ConnectionBusyError, ConnectionLostError, RefusedRequestError } from './remoting.errors.js';

describe('toBrokerError', () => {
  it.each([
    ['goes away under a call', new ConnectionLostError('a:1', new Error('the other end closed it'))],
    ['is overloaded', new RefusedRequestError(ResponseCode.SYSTEM_BUSY, 'busy')],
    ['is slower than this service sends', new ConnectionBusyError('a:1', '1 MB unsent')],
  ])('says that a broker is unavailable which %s', (_what, error) => {
    expect(toBrokerError(error, 'send', 't', 1)).toBeInstanceOf(BrokerUnavailableError);
  });

  it('says of a refusal that it is no more than that', () => {
    const refused = toBrokerError(new RefusedRequestError(ResponseCode.NO_PERMISSION, 'no'), 'send', 't', 1);
    expect(refused).toBeInstanceOf(BrokerError);
    expect(refused).not.toBeInstanceOf(BrokerUnavailableError);
  });
});
