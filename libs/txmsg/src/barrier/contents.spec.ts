import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import stringify from 'safe-stable-stringify';
import { ContentsChangedError, ContentsNotJsonError, InvalidArgumentError } from '../errors/index.js';
import { Contents } from './contents.js';

class Line {
  constructor(
    readonly name: string,
    public price?: string,
  ) {}

  get label(): string {
    return `${this.name} at ${this.price}`;
  }
}

class Money {
  // #cents is invisible from outside; "#cents = 1" in a text or comment is no field.
  #cents = 0;

  constructor(cents: number) {
    this.#cents = cents;
  }

  cents(): number {
    return this.#cents;
  }
}

/** Says itself what it is in JSON. */
class Price {
  constructor(public cents: number) {}

  toJSON(): string {
    return `${this.cents}`;
  }
}

class WithPrivateMethod {
  readonly text = '#cents = 1; //';

  label(): string {
    return this.#label();
  }

  #label(): string {
    return `${this.text} #cents;`;
  }
}

const cyclic: Record<string, unknown> = {};
cyclic.self = [cyclic];
const hidden = Object.defineProperty({}, 'balance', { value: 1, enumerable: false });
const deep = (levels: number): object => (levels === 0 ? {} : { next: deep(levels - 1) });

describe('Contents', () => {
  it.each<[string, string, object]>([
    ['a Map', '.a: Map', { a: new Map([['k', 1]]) }],
    ['a Set in an array', '.a[1]: Set', { a: [1, new Set([1])] }],
    ['a WeakMap', '.a: WeakMap', { a: new WeakMap() }],
    ['an ArrayBuffer', '.a: ArrayBuffer', { a: new ArrayBuffer(8) }],
    ['a typed array', '.a: Uint8Array', { a: new Uint8Array([1, 2]) }],
    ['a DataView', '.a: DataView', { a: new DataView(new ArrayBuffer(1)) }],
    ['an Error', '.a: Error', { a: new Error('x') }],
    ['a RegExp', '.a: RegExp', { a: /x/ }],
    ['a Promise', '.a: Promise', { a: Promise.resolve(1) }],
    ['a boxed string', '.a: String', { a: Object('x') as object }],
    ['what hides in private fields', '.a: Money with the private field #cents', { a: new Money(1) }],
    ['a child of such a class', '.a: Money', { a: new (class extends Money {})(1) }],
    ['a child of Map', '.a: Map', { a: new (class extends Map {})() }],
    ['a function', '.a: function', { a: () => 1 }],
    ['a symbol', '.a: symbol', { a: Symbol('x') }],
    ['a bigint', '.a: bigint', { a: 1n }],
    ['NaN', '.a.b: NaN', { a: { b: NaN } }],
    ['Infinity', '.a: -Infinity', { a: -Infinity }],
    ['undefined in an array', '.a[0]: undefined', { a: [undefined] }],
    ['a hole in an array', '.a[1]: undefined', { a: Object.assign([], { 0: 1, 2: 3 }) }],
    ['a property of an array', '.a.total: property', { a: Object.assign([1], { total: 1 }) }],
    ['a property under a symbol', '.Symbol(k): property', { [Symbol('k')]: 1 }],
    ['a hidden property', '.balance: property', hidden],
    ['a date that is none', '.a: invalid Date', { a: new Date('x') }],
    ['an object within itself', '.self[0]: reference', cyclic],
    ['an object without end', '.next', deep(100_000 / 50)],
    ['what toJSON answers', '.a: Map', { a: { toJSON: () => new Map() } }],
    ['the payload itself', ': Map', new Map()],
  ])('refuses %s, and says where and what', (_label, expected, value) => {
    const of = (): unknown => Contents.of(value);
    expect(of).toThrow(ContentsNotJsonError);
    expect(of).toThrow(InvalidArgumentError);
    let refused: ContentsNotJsonError | undefined;
    try {
      of();
    } catch (error) {
      refused = error as ContentsNotJsonError;
    }
    expect(`${refused?.path}: ${refused?.kind}`).toContain(expected);
    expect(refused?.message).toContain(`payload${refused?.path} `);
  });

  it.each<[string, object, object]>([
    ['keys in another order', { a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }],
    ['properties that are undefined', { a: 1, b: undefined }, { a: 1 }],
    ['a class and a plain object', new Line('a', '1.00'), { name: 'a', price: '1.00' }],
    ['a date and its text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['what toJSON says', { price: new Price(5) }, { price: '5' }],
    ['a getter and its value', { get now() { return 1; } }, { now: 1 }], // prettier-ignore
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ['private methods and fields in comments', new WithPrivateMethod(), { text: '#cents = 1; //' }],
    ['one object in two places', (() => { const a = { b: 1 }; return { a, c: a }; })(), { a: { b: 1 }, c: { b: 1 } }], // prettier-ignore
  ])('are equal for %s', (_label, one, other) => {
    expect(Contents.of(one).hash).toEqual(Contents.of(other).hash);
  });

  it('have the hash that rows of earlier versions have', () => {
    const payload = {
      z: [1, 'ü', null, { y: true }],
      a: { at: new Date(0), x: undefined },
      '': 0.5,
      ' ': '\ud800',
    };
    const before = createHash('sha256').update(stringify(payload)).digest();
    expect(Contents.of(payload).hash).toEqual(before);
    expect(Contents.of(payload).toBody().toString()).toBe(JSON.stringify(payload));
  });

  it('are those of the moment: what happens to the object later is not sent and not hashed', () => {
    const payload = { lines: [new Line('a')], at: new Date(0) };
    const contents = Contents.of(payload);
    payload.lines.pop();
    payload.at.setTime(1);
    expect(contents.toBody().toString()).toBe('{"lines":[{"name":"a"}],"at":"1970-01-01T00:00:00.000Z"}');
  });

  it('give every try a copy of its own, of the same classes', () => {
    const bytes = Buffer.from('x');
    const contents = Contents.of({
      lines: [new Line('a', '1.00')],
      at: new Date(0),
      bytes,
      ['__proto__']: 1,
    });
    interface Copy {
      lines: Line[];
      at: Date;
      bytes: Buffer;
    }
    const first = contents.copy() as Copy;
    expect(first.lines[0]?.label).toBe('a at 1.00');
    Object.assign(first.lines[0] ?? {}, { price: '2.00' });
    first.lines.push(new Line('b'));
    first.at.setTime(1);
    first.bytes.fill(0);
    const second = contents.copy() as Copy;
    expect(second.lines).toEqual([new Line('a', '1.00')]);
    expect([second.at, second.bytes]).toEqual([new Date(0), Buffer.from('x')]);
    expect(Contents.of(second).hash).toEqual(contents.hash);
  });

  it('are not handed out when an object that cannot be copied was changed', () => {
    const price = new Price(5);
    const contents = Contents.of({ price });
    expect((contents.copy() as { price: Price }).price).toBe(price);
    price.cents = 6;
    expect(() => contents.copy()).toThrow(ContentsChangedError);
  });
});
