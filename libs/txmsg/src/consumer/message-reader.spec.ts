import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Transform, Type } from 'class-transformer';
import { Allow, IsString, Validate, ValidateNested, ValidatorConstraint } from 'class-validator';
import type { CutBody } from '../broker/index.js';
import { DatabaseUnavailableError, PoisonMessageError } from '../errors/index.js';
import { resolveOptions } from '../options/txmsg.options.js';
import { registerMessageListeners } from './message-listener.registry.js';
import { readMessage, type ReadMessage } from './message-reader.js';

class Inner {
  @Transform(({ value }) => String(value))
  @IsString()
  txNo!: string;

  @Transform(({ value }) => String(value))
  @IsString()
  amount!: string;
}
/** Of a service whose rules ask its database. */
const asking = { ask: (): Promise<boolean> => Promise.resolve(true) };
@ValidatorConstraint({ async: true })
class IsKnown {
  validate(): Promise<boolean> {
    return asking.ask();
  }
}
class Outer {
  @Type(() => Inner)
  @ValidateNested()
  @Validate(IsKnown)
  inner!: Inner;
}

class Raw {
  @IsString()
  txNo!: string;

  @Allow()
  value: unknown;
}

const { settings } = resolveOptions({ rocketmq: { endpoints: '127.0.0.1:8081' } });
const instance = { onMessage: () => Promise.resolve() };
const { listeners } = registerMessageListeners(
  [
    {
      className: 'L',
      instance,
      options: { topic: 't', consumerGroup: 'c', payload: Outer, txNo: ({ inner }: Outer) => inner.txNo },
    },
    { className: 'R', instance, options: { topic: 'r', consumerGroup: 'c', payload: Raw } },
  ],
  settings,
);
const read = (body: string | Buffer, cut?: CutBody, [listener] = listeners): Promise<ReadMessage> => {
  if (listener === undefined) throw new Error('no listener');
  const message = {
    messageId: 'm',
    topic: 't',
    keys: [],
    body: Buffer.from(body as string),
    cut,
    properties: {},
    bornAtMs: undefined,
  };
  return readMessage(message, listener);
};

describe('readMessage', () => {
  it('reads numbers from the source text, digit for digit', async () => {
    const { txNo, contents } = await read(
      '{"inner":{"txNo":1234567890123456789,"amount":12345678901234567.89}}',
    );
    expect(txNo).toBe('1234567890123456789');
    expect((contents.copy() as Outer).inner.amount).toBe('12345678901234567.89');
  });

  it('gives ordinary numbers to fields of type number, however they were written', async () => {
    const { contents } = await read('{"inner":{"txNo":"a","amount":1.50E2,"extra":1234567890123456789}}');
    expect((contents.copy() as Outer).inner.amount).toBe('150');
  });

  // White space keeps the engine's own parser out.
  it.each([
    ...[
      '1',
      '-1.5',
      '1.0',
      '1E2',
      '-0',
      '1e-7',
      '1e+21',
      '1e21',
      '0.1234567890123456789',
      '1234567890123456.7',
    ],
    ...['9007199254740991', '9007199254740993', '12345678901234567000', '-12345678901234567000', '1e400'],
    ...['{"a":[1,12345678901234567000]}', '{"2":1,"1":2}', '{"a":1,"a":1}', '{"a":1,"a":2}'],
    ...['{"__proto__":{"b":1}}', '"\\ud800"', '"\\u0041"', '[null,true,"x"]'],
  ])('reads %s in compact JSON as in JSON with white space', async (value) => {
    const contentsOf = (body: string): Promise<unknown> =>
      read(body, undefined, listeners.slice(1)).then(
        ({ contents }) => (contents.copy() as Raw).value,
        (error: unknown) => (error as object).constructor.name,
      );
    const compact = await contentsOf(`{"txNo":"a","value":${value}}`);
    expect(compact).toStrictEqual(await contentsOf(` { "txNo": "a", "value": ${value} }`));
  });

  it('hashes contents, not bytes: key order, white space and unknown fields do not count', async () => {
    const one = await read('{"inner":{"txNo":"a","amount":"1"}}');
    const two = await read('{ "x": 1, "inner": { "amount": "1", "y": [2], "txNo": "a" } }');
    const other = await read('{"inner":{"txNo":"a","amount":"2"}}');
    expect(two.contentsHash.equals(one.contentsHash)).toBe(true);
    expect(other.contentsHash.equals(one.contentsHash)).toBe(false);
  });

  it.each([
    ['broken JSON', '{'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a missing part', '{}'],
    ['a wrong type', '{"inner":5}'],
    ['a txNo that breaks the rule', '{"inner":{"txNo":"a b","amount":"1"}}'],
    ['an overlong txNo', `{"inner":{"txNo":"${'a'.repeat(65)}","amount":"1"}}`],
    ['repeated keys that disagree', '{"inner":{"txNo":"a","txNo":"b","amount":"1"}}'],
    ['JSON beyond any depth', `${'{"inner":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['a prototype in disguise', '{"__proto__":{"inner":{"txNo":"a","amount":"1"}}}'],
  ])('calls %s poison, with the rule in the message', async (_label, body) => {
    await expect(read(body)).rejects.toBeInstanceOf(PoisonMessageError);
  });

  it('calls nothing poison because a rule could not ask the database', async () => {
    const away = new DatabaseUnavailableError('away');
    asking.ask = () => Promise.reject(away);
    try {
      await expect(read('{"inner":{"txNo":"a","amount":"1"}}')).rejects.toBe(away);
    } finally {
      asking.ask = () => Promise.resolve(true);
    }
  });

  describe('what would cost too much to parse', () => {
    const item = (value: string): string => `{"inner":{"txNo":"a","amount":"1"},"x":${value}}`;

    it.each([
      ['a body', item(`"${'x'.repeat(70_000)}"`), 'its body has 70042 bytes, more than 65536'],
      ['a string', item(`"${'x'.repeat(17_000)}"`), 'stringBytesMax'],
      ['a number', item('9'.repeat(129)), 'numberCharactersMax'],
      ['values', item(`[${'0,'.repeat(10_000)}0]`), 'valuesMax'],
      ['nesting', item(`${'['.repeat(33)}${']'.repeat(33)}`), 'depthMax'],
    ])('is poison without being parsed: %s', async (_what, body, rule) => {
      await expect(read(body)).rejects.toThrow(PoisonMessageError);
      await expect(read(body)).rejects.toThrow(rule);
    });

    it('is poison when its body was cut, even if what is left could be read', async () => {
      const body = '{"inner":{"txNo":"a","amount":"1"}}';
      await expect(read(body, { bytes: 4_000_000, compressed: false })).rejects.toThrow(
        'its body of 4000000 bytes was cut; more than 65536 are not read (messageLimits.bodyBytesMax)',
      );
      await expect(read(body, { bytes: 61_000, compressed: true })).rejects.toThrow(
        'its body of 61000 compressed bytes was cut',
      );
    });
  });

  it.each([
    ['a key', `{"${'k'.repeat(16_000)}":1,"${'k'.repeat(16_000)}":2}`],
    ['a txNo', `{"inner":{"txNo":"${'a'.repeat(16_000)}","amount":"1"}}`],
    ['a word that is no JSON', `{"inner":\u0000${'x'.repeat(100)}`],
  ])('does not quote the whole of %s', async (_what, body) => {
    const error: unknown = await read(body).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PoisonMessageError);
    expect((error as Error).message.length).toBeLessThan(400);
  });

  it('tells the first of many broken rules, and no more', async () => {
    const broken = Array.from({ length: 1000 }, () => '{"txNo":"a"}').join(',');
    const error: unknown = await read(`{"inner":[${broken}]}`).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('inner.0.amount');
    expect(String(error).length).toBeLessThan(1100);
  });
});
