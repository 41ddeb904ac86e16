import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Transform, Type } from 'class-transformer';
import { IsString, ValidateNested } from 'class-validator';
import { PoisonMessageError } from '../errors/index.js';
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
class Outer {
  @Type(() => Inner)
  @ValidateNested()
  inner!: Inner;
}

const { listeners } = registerMessageListeners([
  {
    className: 'L',
    instance: { onMessage: () => Promise.resolve() },
    options: { topic: 't', consumerGroup: 'c', payload: Outer, txNo: ({ inner }: Outer) => inner.txNo },
  },
]);
const read = (body: string): Promise<ReadMessage> => {
  const [listener] = listeners;
  if (listener === undefined) throw new Error('no listener');
  const message = {
    messageId: 'm',
    topic: 't',
    keys: [],
    body: Buffer.from(body),
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
});
