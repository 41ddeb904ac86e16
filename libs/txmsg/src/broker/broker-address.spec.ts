import { describe, expect, it } from '@jest/globals';
import { formatBrokerAddress, parseBrokerAddress } from './broker-address.js';

describe('the address of a broker', () => {
  it.each([
    ['broker:8081', { host: 'broker', port: 8081 }],
    ['my_broker.example.com:443', { host: 'my_broker.example.com', port: 443 }],
    ['127.0.0.1:1', { host: '127.0.0.1', port: 1 }],
    ['[::1]:8081', { host: '::1', port: 8081 }],
    ['[::ffff:127.0.0.1]:65535', { host: '::ffff:127.0.0.1', port: 65_535 }],
  ])('may be %s', (text, address) => {
    expect(parseBrokerAddress(text)).toEqual(address);
    expect(formatBrokerAddress(address)).toBe(text);
  });

  it.each([
    '',
    'broker',
    'broker:',
    ':8081',
    'a:1;b:2',
    'a:1,b:2',
    'http://broker:8081',
    '::1:8081',
    '[::1]',
    '[1:2]:80',
    '[broker]:8081',
    'broker:0',
    'broker:65536',
    'bro ker:8081',
  ])('may not be "%s"', (text) => {
    expect(parseBrokerAddress(text)).toBeUndefined();
  });
});
