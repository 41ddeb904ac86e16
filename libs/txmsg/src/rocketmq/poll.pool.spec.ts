import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../testing/eventually.js';
import { PollPool, type PollSource } from './poll.pool.js';

interface OpenPoll {
  readonly broker: string;
  readonly bring: (items: string[]) => void;
  readonly fail: (error: Error) => void;
}

class FakeBrokers implements PollSource<string, string, object> {
  names = ['a', 'b'];
  readonly polls: OpenPoll[] = [];
  readonly givenBack: string[] = [];

  brokers() {
    return new Map(this.names.map((name) => [name, name]));
  }

  poll(broker: string): Promise<string[]> {
    return new Promise((bring, fail) => this.polls.push({ broker, bring, fail }));
  }

  giveBack(items: readonly string[]): Promise<void> {
    this.givenBack.push(...items);
    return Promise.resolve();
  }
}

describe('the pool of polls', () => {
  let source: FakeBrokers;
  let pool: PollPool<string, string, object>;
  const receive = (messagesMax = 32, awaitMs = 10_000, usableMs = 10_000) =>
    pool.receive({ messagesMax, awaitMs, usableMs, poll: {} });

  beforeEach(() => {
    source = new FakeBrokers();
    pool = new PollPool(source);
  });

  it('returns as soon as one broker has something, though another one keeps silent', async () => {
    const received = receive();
    expect(source.polls.map(({ broker }) => broker)).toEqual(['a', 'b']);
    source.polls[1]?.bring(['b1']);
    expect(await received).toEqual(['b1']);
  });

  it('leaves a poll going that outlasts its call, and hands what it brings to the next one', async () => {
    expect(await receive(32, 1)).toEqual([]);
    const next = receive();
    expect(source.polls).toHaveLength(2);
    source.polls[0]?.bring(['a1']);
    expect(await next).toEqual(['a1']);
  });

  it('polls a broker again once its poll brought nothing', async () => {
    const received = receive();
    source.polls[0]?.bring([]);
    await eventually(() => source.polls.length === 3);
    source.polls[2]?.bring(['a1']);
    expect(await received).toEqual(['a1']);
  });

  it('hands out no more than asked for and keeps the rest', async () => {
    const received = receive(2);
    source.polls[0]?.bring(['1', '2', '3']);
    expect(await received).toEqual(['1', '2']);
    expect(await receive(2)).toEqual(['3']);
  });

  it('gives nothing to two calls', async () => {
    const both = Promise.all([receive(1), receive(1)]);
    source.polls[0]?.bring(['1']);
    source.polls[1]?.bring(['2']);
    expect(new Set((await both).flat())).toEqual(new Set(['1', '2']));
  });

  it('gives back what nobody comes for', async () => {
    await receive(32, 1);
    source.polls[0]?.bring(['a1']);
    await eventually(() => source.givenBack.length > 0);
    expect(source.givenBack).toEqual(['a1']);
    expect(await receive(32, 1)).toEqual([]);
  });

  it('hands out nothing that may already be delivered to another consumer', async () => {
    await receive(32, 1, 0);
    source.polls[0]?.bring(['old']);
    expect(await receive(32, 1)).toEqual([]);
  });

  it('fails with the poll, and goes on with the next call', async () => {
    const received = receive();
    source.polls[0]?.fail(new Error('away'));
    await expect(received).rejects.toThrow('away');
    const next = receive();
    source.polls[2]?.bring(['a1']);
    expect(await next).toEqual(['a1']);
  });

  it('answers at once when it is closed, and gives back what comes later', async () => {
    const received = receive(1);
    source.polls[0]?.bring(['1', '2']);
    expect(await received).toEqual(['1']);
    const waiting = receive(1);
    expect(await waiting).toEqual(['2']);
    const last = receive();
    await pool.close();
    expect(await last).toEqual([]);
    source.polls[1]?.bring(['late']);
    await eventually(() => source.givenBack.includes('late'));
  });
});
