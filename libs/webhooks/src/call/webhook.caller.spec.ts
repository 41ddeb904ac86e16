import { randomBytes } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import { acknowledge, answer, breakOff, Receiver, type Behaviour } from '../../test/receiver.js';
import type { CallResult } from './call-result.js';
import type { Lookup } from './guarded-agent.js';
import { CallCutError, WebhookCaller, type CallLimits, type WebhookCall } from './webhook.caller.js';

const LIMITS: CallLimits = {
  ...{ connectTimeoutMs: 5000, callTimeoutMs: 20_000, answerBytesMax: 65_536 },
  ...{ allowHttp: true, userAgent: 'test' },
};
const SHORT = { callTimeoutMs: 200 };
const GIGABYTE = 1024 ** 3;

describe('a call', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

  const open = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const caller = (limits: Partial<CallLimits> = {}): WebhookCaller =>
    open(new WebhookCaller({ ...LIMITS, ...limits }));
  const receiver = async (behaviour: Behaviour): Promise<Receiver> => open(await Receiver.start(behaviour));
  const callOf = (url: string, more: Partial<WebhookCall> = {}): WebhookCall => ({
    ...{ id: 'd-1', url, body: '{}', time: new Date(), expectBody: undefined, allowPrivateAddresses: true },
    secrets: [`whsec_${randomBytes(32).toString('base64')}`],
    ...more,
  });
  const calling = async (
    behaviour: Behaviour,
    limits: Partial<CallLimits> = {},
    more: Partial<WebhookCall> = {},
  ): Promise<CallResult> => caller(limits).call(callOf((await receiver(behaviour)).url, more));

  it.each([200, 201, 202, 204, 299])('is acknowledged by %i', async (status) => {
    expect(await calling(answer(status))).toMatchObject({ outcome: 'ACKNOWLEDGED', status, detail: '' });
  });

  it.each([400, 401, 404, 429, 500, 503, 599])('is refused by %i, which it records', async (status) => {
    const result = await calling(answer(status, { 'retry-after': '7' }, 'because'));
    expect(result).toMatchObject({ outcome: 'REFUSED', status, retryAfter: '7' });
    expect(result.answer.toString()).toBe('because');
  });

  it('is told that nobody wants it by 410', async () => {
    expect(await calling(answer(410))).toMatchObject({ outcome: 'GONE', status: 410 });
  });

  it('is acknowledged only by the expected body, where one is expected', async () => {
    const bodyOf = (body: string): Promise<CallResult> =>
      calling(answer(200, {}, body), {}, { expectBody: 'success' });
    expect((await bodyOf('success')).outcome).toBe('ACKNOWLEDGED');
    expect((await bodyOf(' success\n')).outcome).toBe('ACKNOWLEDGED');
    for (const other of ['', 'fail', 'SUCCESS', 'no success', 'success'.padEnd(70_000)])
      expect([other.length, (await bodyOf(other)).outcome]).toEqual([other.length, 'REFUSED']);
    expect((await calling(answer(500, {}, 'success'), {}, { expectBody: 'success' })).outcome).toBe(
      'REFUSED',
    );
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect %i', async (status) => {
    const inside = await receiver(answer(200));
    const result = await calling(answer(status, { location: inside.url }));
    expect(result).toMatchObject({ outcome: 'REDIRECT', status });
    expect(inside.calls).toEqual([]);
  });

  it('ends in time when nothing comes, when half of it comes, and when the end does not', async () => {
    const nothing: Behaviour = () => undefined;
    const head: Behaviour = (_call, response) => {
      response.writeHead(200, { 'content-length': '10' }).flushHeaders();
    };
    const drops: Behaviour = (_call, response) => {
      response.writeHead(200).flushHeaders();
      const timer = setInterval(() => response.write('.'), 10);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    expect(await calling(nothing, SHORT)).toMatchObject({ outcome: 'TIMEOUT', status: undefined });
    // Long enough for the head to come on a busy machine.
    const long = { callTimeoutMs: 5000 };
    const ended = await Promise.all([calling(head, long), calling(drops, long)]);
    for (const result of ended) expect(result).toMatchObject({ outcome: 'TIMEOUT', status: 200 });
  });

  it('ends in time when "100 Continue" or other heralds come again and again', async () => {
    const heralds =
      (line: string): Behaviour =>
      (_call, response) => {
        const timer = setInterval(() => response.socket?.write(`HTTP/1.1 ${line}\r\n\r\n`), 10);
        response.on('close', () => {
          clearInterval(timer);
        });
      };
    expect(['TIMEOUT', 'NO_ANSWER']).toContain((await calling(heralds('100 Continue'), SHORT)).outcome);
    expect((await calling(heralds('102 Processing'), SHORT)).outcome).toBe('TIMEOUT');
  });

  it('is not acknowledged by an answer that breaks off half-way', async () => {
    const half: Behaviour = (_call, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => response.socket?.destroy());
    };
    expect(await calling(half)).toMatchObject({ outcome: 'NO_ANSWER', status: 200 });
    expect(await calling(breakOff)).toMatchObject({ outcome: 'NO_ANSWER', status: undefined });
    const gone = await receiver(answer(200));
    const { url } = gone;
    await gone.close();
    opened.splice(opened.indexOf(gone), 1);
    expect(await caller().call(callOf(url))).toMatchObject({ outcome: 'NO_ANSWER', status: undefined });
  });

  it('reads 64 KiB of an answer of 2 GB, whose status counts, and cuts the rest off', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    let cutOff = (): void => undefined;
    const cut = new Promise<void>((resolve) => (cutOff = resolve));
    const endless: Behaviour = (_call, response) => {
      response.writeHead(200, { 'content-length': String(2 * GIGABYTE) });
      response.on('close', cutOff);
      const more = (): void => {
        if (response.destroyed || sent >= 2 * GIGABYTE) return;
        sent += chunk.length;
        response.write(chunk, more);
      };
      more();
    };
    const [result] = await Promise.all([calling(endless), cut]);
    expect(result).toMatchObject({ outcome: 'ACKNOWLEDGED', status: 200 });
    expect(result.answer.toString()).toBe('x'.repeat(1024));
    expect(sent).toBeLessThan(GIGABYTE);
  });

  it('inflates nothing', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024));
    const packed: Behaviour = (_call, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    };
    const result = await calling(packed);
    expect(result.outcome).toBe('ACKNOWLEDGED');
    expect(result.answer.equals(bomb.subarray(0, 1024))).toBe(true);
  });

  it('is not made with a head of any size', async () => {
    const heavy = answer(200, { 'x-heavy': 'a'.repeat(20_000) });
    expect((await calling(heavy)).outcome).toBe('NO_ANSWER');
  });

  it('waits for no other call to the same host', async () => {
    const { port, calls } = await receiver((call, response, request) => {
      if (call.path === '/ok') acknowledge(call, response, request);
    });
    const one = caller();
    const at = (path: string): Promise<CallResult> => one.call(callOf(`http://127.0.0.1:${port}${path}`));
    const hanging = Array.from({ length: 20 }, () => at('/hang'));
    const ended = Promise.allSettled(hanging);
    await eventually(() => calls.length === hanging.length);
    expect((await at('/ok')).outcome).toBe('ACKNOWLEDGED');
    await one.close();
    await ended;
  });

  it('has no result when it is cut because the caller is closed, or comes after that', async () => {
    const silent = await receiver(() => undefined);
    const half = await receiver((_call, response) => {
      response.writeHead(200, { 'content-length': '10' }).flushHeaders();
    });
    const one = caller();
    const errorOf = (url: string): Promise<unknown> => one.call(callOf(url)).catch((error: unknown) => error);
    const cut = [errorOf(silent.url), errorOf(half.url)];
    await eventually(() => silent.calls.length === 1 && half.calls.length === 1);
    await one.close();
    for (const error of await Promise.all([...cut, errorOf(silent.url)]))
      expect(error).toBeInstanceOf(CallCutError);
  });

  it('waits for no name that is not answered, where its own was found before', async () => {
    const { port } = await receiver(acknowledge);
    const lookup: Lookup = (hostname, _options, callback) => {
      if (hostname === 'well.example')
        process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const one = caller({ lookup, connectTimeoutMs: 3000 });
    const to = (host: string): Promise<CallResult> => one.call(callOf(`http://${host}:${port}/hook`));
    expect((await to('well.example')).outcome).toBe('ACKNOWLEDGED');
    const unanswered = [to('one.example'), to('other.example')];
    expect((await to('well.example')).outcome).toBe('ACKNOWLEDGED');
    for (const { outcome, status, detail } of await Promise.all(unanswered)) {
      expect([outcome, status]).toEqual(['TIMEOUT', undefined]);
      expect(detail).toMatch(/was not looked up within 3000 ms/);
    }
  });

  describe('where private addresses are not allowed', () => {
    const found =
      (...addresses: readonly string[]): Lookup =>
      (_hostname, _options, callback) => {
        const all = addresses.map((address): LookupAddress => ({
          address,
          family: address.includes(':') ? 6 : 4,
        }));
        process.nextTick(callback, null, all);
      };
    const forbidden = async (host: string, lookup?: Lookup): Promise<CallResult> => {
      const target = await receiver(answer(200));
      const url = `http://${host}:${target.port}/hook`;
      const result = await caller({ lookup }).call(callOf(url, { allowPrivateAddresses: false }));
      expect(target.calls).toEqual([]);
      return result;
    };

    it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433', '0177.0.0.1'])(
      'does not go to %s',
      async (host) => {
        expect((await forbidden(host)).outcome).toBe('FORBIDDEN_ADDRESS');
      },
    );

    it.each([
      ['127.0.0.1'],
      ['169.254.169.254'],
      ['::ffff:127.0.0.1'],
      ['8.8.8.8', '10.0.0.1'],
      ['127.0.0.1', '8.8.8.8'],
    ])('does not go to a name that is at %s %s', async (...addresses) => {
      const result = await forbidden('name.example', found(...addresses));
      expect(result).toMatchObject({ outcome: 'FORBIDDEN_ADDRESS', status: undefined });
    });

    it('does not go to an http URL when only a former option allowed it', async () => {
      const target = await receiver(answer(200));
      const strict = caller({ allowHttp: false });
      const result = await strict.call(callOf(target.url, { allowPrivateAddresses: false }));
      expect(result).toMatchObject({ outcome: 'FORBIDDEN_ADDRESS', status: undefined });
      expect(result.detail).toMatch(/would be called with http:/);
      expect((await strict.call(callOf(target.url))).outcome).toBe('ACKNOWLEDGED');
      expect(target.calls).toHaveLength(1);
    });

    it('looks a name up once, so that what is judged is what is connected to', async () => {
      const asked: string[] = [];
      const moving: Lookup = (hostname, options, callback) => {
        asked.push(hostname);
        // Whoever checked first and connected then would be told a public address first.
        found(asked.length === 1 ? '127.0.0.1' : '8.8.8.8')(hostname, options, callback);
      };
      expect((await forbidden('name.example', moving)).outcome).toBe('FORBIDDEN_ADDRESS');
      expect(asked).toEqual(['name.example']);
    });

    it('uses no connection again that was made for somebody who may be there', async () => {
      const target = await receiver(answer(200));
      const one = caller();
      expect((await one.call(callOf(target.url))).outcome).toBe('ACKNOWLEDGED');
      const other = callOf(target.url, { allowPrivateAddresses: false });
      expect((await one.call(other)).outcome).toBe('FORBIDDEN_ADDRESS');
      expect(target.calls).toHaveLength(1);
    });
  });
});
