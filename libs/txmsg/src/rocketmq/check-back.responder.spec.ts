import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  ATTEMPT_PROPERTY,
  type CheckBackAnswer,
  type CheckBackHandler,
  type MessageHead,
  type TransactionResolution,
} from '../broker/index.js';
import { eventually } from '../testing/eventually.js';
import { CheckBackResponder } from './check-back.responder.js';
import { ResolutionLedger } from './resolution.ledger.js';
import { SILENT_LOGGER } from '../../test/test-broker.js';

function halfMessage(messageId: string, attempt = 'attempt'): MessageHead {
  return { messageId, topic: 't', keys: [], properties: { [ATTEMPT_PROPERTY]: attempt }, bornAtMs: 0 };
}

/** Handlers that answer when the spec says so. */
class Handlers {
  readonly open: { messageId: string; answer: (answer: CheckBackAnswer) => void }[] = [];
  readonly handle: CheckBackHandler = ({ messageId }) =>
    new Promise((answer) => this.open.push({ messageId, answer }));
}

describe('the responder to check-backs', () => {
  let handlers: Handlers;
  let ledger: ResolutionLedger;
  let responder: CheckBackResponder;
  let answers: [string, TransactionResolution][];

  const ask = (messageId: string, attempt?: string) => {
    responder.receive({
      message: halfMessage(messageId, attempt),
      answer: (resolution) => {
        answers.push([messageId, resolution]);
        return Promise.resolve();
      },
    });
  };

  beforeEach(() => {
    handlers = new Handlers();
    ledger = new ResolutionLedger();
    answers = [];
    responder = new CheckBackResponder(handlers.handle, ledger, SILENT_LOGGER, String);
  });

  it('asks once at a time about one half message, however often the broker asks', async () => {
    for (let times = 0; times < 118; times++) ask('a');
    expect(handlers.open).toHaveLength(1);
    handlers.open[0]?.answer('COMMIT');
    await eventually(() => answers.length > 0);
    expect(answers).toEqual([['a', 'COMMIT']]);
  });

  it('runs few handlers at once and comes to all of them', async () => {
    for (let index = 0; index < 20; index++) ask(`m${index}`);
    expect(handlers.open).toHaveLength(8);
    await eventually(() => {
      for (const { answer } of handlers.open) answer('COMMIT');
      return answers.length === 20;
    });
  });

  it('works an answer out once, and gives it again whenever it is asked again', async () => {
    ask('a');
    handlers.open[0]?.answer('ROLLBACK');
    await eventually(() => {
      ask('a');
      return answers.length >= 3;
    });
    expect(new Set(answers.map(String))).toEqual(new Set(['a,ROLLBACK']));
    expect(handlers.open).toHaveLength(1);
  });

  it('asks again after UNKNOWN, after a throw and after an answer that did not arrive', async () => {
    const outcomes = [
      () => Promise.resolve('UNKNOWN' as const),
      () => Promise.reject(new Error('database away')),
      () => Promise.resolve('nonsense' as CheckBackAnswer),
      () => Promise.resolve('COMMIT' as const),
    ];
    const asked = jest.fn(() => (outcomes.shift() ?? (() => Promise.resolve('UNKNOWN' as const)))());
    responder = new CheckBackResponder(asked, ledger, SILENT_LOGGER, String);
    const failing = jest
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(new Error('broker away'))
      .mockResolvedValue();
    await eventually(
      () => {
        responder.receive({ message: halfMessage('a'), answer: failing });
        return failing.mock.calls.length === 2;
      },
      { intervalMs: 5 },
    );
    expect(asked).toHaveBeenCalledTimes(4);
  });

  it('never sends the other resolution than the one that was decided', async () => {
    ask('a');
    ledger.decide(halfMessage('a'), 'COMMIT');
    handlers.open[0]?.answer('ROLLBACK');
    await eventually(() => {
      ask('a');
      return answers.length > 0;
    });
    expect(new Set(answers.map(String))).toEqual(new Set(['a,COMMIT']));
    expect(() => {
      ledger.decide(halfMessage('a'), 'ROLLBACK');
    }).toThrow('already given COMMIT');
  });

  it('works out its own answer for the half message of a stranger who copied an id', async () => {
    ledger.decide(halfMessage('a'), 'COMMIT');
    ask('a', 'of a stranger');
    ask('a', 'of another');
    expect(handlers.open).toHaveLength(2);
    for (const { answer } of handlers.open) answer('ROLLBACK');
    await eventually(() => answers.length === 2);
    expect(answers).toEqual([
      ['a', 'ROLLBACK'],
      ['a', 'ROLLBACK'],
    ]);
    ask('a');
    await eventually(() => answers.length === 3);
    expect(answers[2]).toEqual(['a', 'COMMIT']);
  });

  it('calls no handler once it is closed, and waits for those that run', async () => {
    for (let index = 0; index < 20; index++) ask(`m${index}`);
    const closed = responder.close();
    for (const { answer } of handlers.open) answer('UNKNOWN');
    await closed;
    ask('late');
    expect(handlers.open).toHaveLength(8);
  });
});
