import { describe, expect, it } from '@jest/globals';
import { TccInputError } from '../errors/index.js';
import { applicationDataOf, inputOf } from './action-context.js';

const ACTION = { name: 'reserve', tryMethod: 'try', confirm: 'confirm', cancel: 'cancel' };
const written = (input: object): string => applicationDataOf(ACTION, input, 1_700_000_000_000);

describe("a branch's application data", () => {
  it.each([
    {},
    { key: 'K-1', amount: '100.00', of: { pieces: [1, 2], none: null, isNew: true } },
    { text: '转账 ❤ "\\' },
  ])('gives back the input %j', (input) => {
    expect(inputOf(written(input))).toEqual(input);
  });

  it('has the members that a Java service reads', () => {
    expect(JSON.parse(written({ amount: '1' }))).toEqual({
      actionContext: {
        amount: '1',
        'action-start-time': 1_700_000_000_000,
        'host-name': 'node',
        actionName: 'reserve',
        useTCCFence: true,
        'sys::prepare': 'try',
        'sys::commit': 'confirm',
        'sys::rollback': 'cancel',
      },
    });
  });

  it('of a Java service is read without losing digits', () => {
    const data =
      '{"actionContext":{"amount":12.50,"id":9223372036854775807,"actionName":"reserve","host-name":"h"}}';
    expect(inputOf(data)).toEqual({ amount: 12.5, id: '9223372036854775807' });
  });

  it.each<[string, unknown]>([
    ['at', new Date(0)],
    ['by', new Map([['a', 1]])],
    ['n', Number.NaN],
    ['n', 2n],
    ['n', 2 ** 53],
    ['f', () => 1],
    ['deep.set', { set: new Set([1]) }],
  ])('is refused when the copy would differ at %s', (path, value) => {
    const field = path.split('.')[0] ?? '';
    expect(() => written({ [field]: value })).toThrow(TccInputError);
    expect(() => written({ [field]: value })).toThrow(`"${path.includes('.') ? path : field}`);
  });

  it('is refused where a field has a name of Seata, where it is too long, and where it is no object', () => {
    expect(() => written({ actionName: 'x' })).toThrow('has a field "actionName"');
    expect(() => written({ text: 'x'.repeat(1900) })).toThrow(/takes \d+ characters .* keeps 2000/);
    expect(() => written([1])).toThrow('must be an object');
  });

  it.each(['', 'null', '[]', '{"actionContext":1}', '{'])('that is damaged is refused: %s', (data) => {
    expect(() => inputOf(data)).toThrow(SyntaxError);
  });
});
