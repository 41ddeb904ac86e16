import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from 'txmsg';
import { isLadder, requireContents, requireUrl, urlProblem, type UrlRules } from './subscriber-rules.js';

const STRICT: UrlRules = { allowHttp: false, allowPrivateAddresses: false };
const OPEN: UrlRules = { allowHttp: false, allowPrivateAddresses: true };

describe("a subscriber's URL", () => {
  it.each([
    'https://example.com',
    'https://example.com/hook?token=a%20b',
    'https://EXAMPLE.com:8443/hook/',
    'https://8.8.8.8/hook',
    'https://[2606:4700::1111]:444/hook',
    'https://xn--bcher-kva.example/',
  ])('may be %s', (url) => {
    expect(urlProblem(url, STRICT)).toBeUndefined();
  });

  it.each([
    ['user and password', 'https://user:secret@example.com/'],
    ['a user', 'https://user@example.com/'],
    ['an empty user', 'https://@example.com/'],
    ['an "@" that hides the host', 'https://example.com@127.0.0.1/'],
    ['a fragment', 'https://example.com/#part'],
    ['an empty fragment', 'https://example.com/#'],
    ['http', 'http://example.com/'],
    ['another scheme', 'ftp://example.com/'],
    ['another scheme', 'file:///etc/passwd'],
    ['another scheme', 'javascript:alert(1)'],
    ['no scheme', 'example.com/hook'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback', 'https://[::1]/'],
    ['loopback by name', 'https://localhost/'],
    ['loopback by name', 'https://a.localhost./'],
    ['metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['private', 'https://10.1.2.3/'],
    ['a mapped address', 'https://[::ffff:127.0.0.1]/'],
    ['a mapped address', 'https://[::ffff:a9fe:a9fe]/'],
    ['octal', 'https://0177.0.0.1/'],
    ['octal of a public address', 'https://010.8.8.8/'],
    ['hexadecimal', 'https://0x7f000001/'],
    ['one number', 'https://2130706433/'],
    ['a short address', 'https://127.1/'],
    ['wide digits', 'https://１２７.0.0.1/'],
    ['an escaped host', 'https://ex%61mple.com/'],
    ['a backslash', 'https:\\\\example.com/'],
    ['a line break', 'https://example.com/\nhook'],
    ['a space before it', ' https://example.com/'],
    ['more than 2048 characters', `https://example.com/${'a'.repeat(2048)}`],
  ])('may not have %s: %s', (_what, url) => {
    expect(urlProblem(url, STRICT)).toEqual(expect.any(String));
  });

  it('may be at a private address and plain where that is allowed, and still not in disguise', () => {
    for (const url of [
      'http://127.0.0.1:8080/hook',
      'https://10.0.0.1/',
      'http://localhost/',
      'http://[::1]/',
    ])
      expect([url, urlProblem(url, OPEN)]).toEqual([url, undefined]);
    for (const url of [
      'http://0177.0.0.1/',
      'http://2130706433/',
      'http://u:p@127.0.0.1/',
      'ftp://127.0.0.1/',
    ])
      expect([url, urlProblem(url, OPEN)]).toEqual([url, expect.any(String)]);
    expect(urlProblem('http://example.com/', { ...STRICT, allowHttp: true })).toBeUndefined();
    expect(urlProblem('http://127.0.0.1/', { ...STRICT, allowHttp: true })).toEqual(expect.any(String));
  });

  it('is refused without showing what may be a secret', () => {
    const refusal = (url: string) => (): void => {
      requireUrl(url, STRICT);
    };
    expect(refusal('https://user:hunter2@example.com/?token=hunter2')).toThrow(/\(not shown\)@example\.com/);
    expect(refusal('https://user:hunter2@example.com/?token=hunter2')).not.toThrow(/hunter2/);
  });
});

describe('contents', () => {
  const judge = (contents: Parameters<typeof requireContents>[0]) => (): void => {
    requireContents(contents);
  };

  it.each([
    {},
    { name: 'Some One' },
    { events: ['work.done'] },
    { ladderSeconds: null, jitter: null, expectBody: null },
    { ladderSeconds: [60], jitter: 0.5, expectBody: 'success' },
  ])('may be %j', (contents) => {
    expect(judge(contents)).not.toThrow();
  });

  it.each([
    { name: '' },
    { name: ' One' },
    { events: [] },
    { events: ['a', 'a'] },
    { events: ['work done'] },
    { ladderSeconds: [] },
    { jitter: 0.6 },
    { expectBody: '' },
    { expectBody: 'success ' },
  ])('may not be %j', (contents) => {
    expect(judge(contents)).toThrow(InvalidArgumentError);
  });
});

describe('a ladder', () => {
  it.each([[[1]], [[60, 300]], [Array.from({ length: 20 }, () => 604_800)]])('may be %j', (ladder) => {
    expect(isLadder(ladder)).toBe(true);
  });

  it.each([
    [[]],
    [[0]],
    [[1.5]],
    [[604_801]],
    [Array.from({ length: 21 }, () => 1)],
    ['60'],
    [null],
    [['60']],
  ])('is not %j', (ladder) => {
    expect(isLadder(ladder)).toBe(false);
  });
});
