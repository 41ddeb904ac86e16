import { describe, expect, it } from '@jest/globals';
import { parseCommand } from './bench-options.js';

/** What the banks speak unless they are told something else. */
const REMOTING = { ROCKETMQ_TRANSPORT: 'remoting' };

describe('the benchmarks’ command line', () => {
  it('has defaults for everything', () => {
    expect(parseCommand(['transfer'])).toEqual({
      kind: 'transfer',
      options: {
        peer: undefined,
        accounts: ['many', 'hot'],
        callers: [1, 64],
        pairs: 5,
        seconds: 10,
        warmUp: 30_000,
        json: undefined,
        settings: REMOTING,
      },
    });
  });

  it('reads every option', () => {
    const words =
      '--peer /p --accounts hot --callers 1,16 --pairs 2 --seconds 3 --warm-up 0 --json /f --set A_B=c=d';
    expect(parseCommand(['transfer', ...words.split(' ')])).toEqual({
      kind: 'transfer',
      options: {
        peer: '/p',
        accounts: ['hot'],
        callers: [1, 16],
        pairs: 2,
        seconds: 3,
        warmUp: 0,
        json: '/f',
        settings: { ...REMOTING, A_B: 'c=d' },
      },
    });
  });

  it('lets the banks speak what is set', () => {
    const words = ['transfer', '--set', 'ROCKETMQ_TRANSPORT=grpc'];
    expect(parseCommand(words)).toMatchObject({ options: { settings: { ROCKETMQ_TRANSPORT: 'grpc' } } });
  });

  it('reads what profile and soak share, and what each has of its own', () => {
    const shared = '--callers 8 --warm-up 0 --set A=b';
    const read = (text: string): object => parseCommand(`${text} ${shared}`.split(' '));
    const options = { callers: 8, warmUp: 0, settings: { ...REMOTING, A: 'b' } };
    expect([read('profile --seconds 3 --out /o'), read('soak --minutes 0.5 --out /o')]).toEqual([
      { kind: 'profile', options: { ...options, seconds: 3, out: '/o' } },
      { kind: 'soak', options: { ...options, minutes: 0.5, out: '/o' } },
    ]);
  });

  it.each([
    ['profile', { callers: 64, seconds: 10, warmUp: 30_000, settings: REMOTING }],
    ['soak', { callers: 64, minutes: 30, warmUp: 30_000, settings: REMOTING }],
    ['patterns', { callers: [1, 32], seconds: 10, pairs: 3, warmUp: 3000, settings: REMOTING }],
    ['telemetry', { callers: 64, seconds: 10, pairs: 10, warmUp: 30_000, settings: REMOTING }],
  ])('has defaults for %s', (kind, options) => {
    expect(parseCommand([kind])).toMatchObject({ kind, options });
  });

  it('reads what patterns has', () => {
    const words = '--only at,xa --callers 1,8 --pairs 2 --seconds 3 --warm-up 0 --set A=b';
    expect(parseCommand(['patterns', ...words.split(' ')])).toEqual({
      kind: 'patterns',
      options: {
        only: ['at', 'xa'],
        callers: [1, 8],
        pairs: 2,
        seconds: 3,
        warmUp: 0,
        settings: { ...REMOTING, A: 'b' },
      },
    });
    expect(parseCommand(['patterns'])).toMatchObject({
      options: { only: expect.arrayContaining(['grpc', 'xa']) },
    });
  });

  it('reads what growth and limits have', () => {
    const growth =
      '--rows 0,5,0 --pool 512 --pairs 2 --callers 8 --seconds 3 --warm-up 0 --json /f --set A=b';
    expect(parseCommand(['growth', ...growth.split(' ')])).toEqual({
      kind: 'growth',
      options: {
        rows: [0, 5],
        poolMb: 512,
        pairs: 2,
        callers: 8,
        seconds: 3,
        warmUp: 0,
        json: '/f',
        settings: { ...REMOTING, A: 'b' },
      },
    });
    expect(parseCommand(['growth'])).toMatchObject({ options: { rows: [0, 100_000, 2_000_000], pairs: 5 } });
    expect(parseCommand(['limits', '--seconds', '3', '--json', '/f'])).toEqual({
      kind: 'limits',
      options: { seconds: 3, json: '/f' },
    });
  });

  it('reads what notification has', () => {
    expect(parseCommand('notification --fan-out 10 --seconds 3 --pairs 1 --warm-up 0'.split(' '))).toEqual({
      kind: 'notification',
      options: { fanOut: 10, seconds: 3, pairs: 1, warmUp: 0, json: undefined },
    });
    expect(parseCommand(['notification'])).toMatchObject({ options: { fanOut: 5, seconds: 30, pairs: 3 } });
    expect(() => parseCommand(['notification', '--fan-out', '3'])).toThrow(
      '--fan-out is "3": one of 1, 2, 4, 5, 10, 20, 25, 50, 100 was expected',
    );
  });

  it.each([
    [['sprint'], '"sprint" is no benchmark'],
    [[], 'No benchmark was named'],
    [['purge', '--pairs', '3'], "Unknown option '--pairs'"],
    [['transfer', '--callers', '1,x'], '--callers is "x": a whole number from 1 to 1024 was expected'],
    [['transfer', '--pairs', '0'], '--pairs is "0"'],
    [['transfer', '--accounts', 'few'], '--accounts is "few"'],
    [['soak', '--minutes', '0'], '--minutes is "0": a number from 0.1 to 1440 was expected'],
    [['profile', '--callers', '1,64'], '--callers is "1,64"'],
    [['growth', '--rows', '0,many'], '--rows is "many": a whole number from 0 to 9999999 was expected'],
    [['growth', '--pool', '1'], '--pool is "1"'],
    [['patterns', '--only', 'at,saga'], '--only is "at,saga": some of grpc, remoting,'],
    [['transfer', '--set', 'x'], '--set is "x": NAME=VALUE was expected'],
  ])('refuses %j', (parameters, sentence) => {
    expect(() => parseCommand(parameters)).toThrow(sentence);
  });
});
