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
  readonly reported: string[] = [];

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

  onFailure(broker: string, failure: Error): void {
    this.reported.push(`${broker}: ${failure.message}`);
  }

  pollsOf(broker: string): OpenPoll[] {
    return this.polls.filter((poll) => poll.broker === broker);
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

  it('fails with the poll of the only broker, and goes on with the next call', async () => {
    source.names = ['a'];
    const received = receive();
    source.polls[0]?.fail(new Error('away'));
    await expect(received).rejects.toThrow('away');
    const next = receive();
    source.polls[1]?.bring(['a1']);
    expect(await next).toEqual(['a1']);
    expect(source.reported).toEqual([]);
  });

  describe('when the polls of one of two brokers fail', () => {
    /** What the newest poll of b ends with; resolves when b was asked `times` times. */
    async function failB(times: number): Promise<void> {
      await eventually(() => source.pollsOf('b').length === times);
      source
        .pollsOf('b')
        .at(-1)
        ?.fail(new Error(`away ${times}`));
    }

    it('hands out what the other one brings', async () => {
      const received = receive();
      await failB(1);
      await eventually(() => source.reported.length > 0);
      source.pollsOf('a')[0]?.bring(['a1']);
      expect(await received).toEqual(['a1']);
    });

    it('asks it again after a pause, and reports it once until it answers', async () => {
      const received = receive();
      await failB(1);
      await failB(2);
      await eventually(() => source.pollsOf('b').length === 3);
      expect(source.reported).toEqual(['b: away 1']);
      source.pollsOf('b')[2]?.bring([]);
      await failB(4);
      await eventually(() => source.reported.length > 1);
      expect(source.reported).toEqual(['b: away 1', 'b: away 4']);
      source.pollsOf('a')[0]?.bring(['a1']);
      expect(await received).toEqual(['a1']);
    });

    it('does not ask it while it rests, whoever calls', async () => {
      for (let call = 1; call <= 5; call++) {
        const received = receive();
        if (call === 1) await failB(1);
        source
          .pollsOf('a')
          .at(-1)
          ?.bring([`a${call}`]);
        expect(await received).toEqual([`a${call}`]);
      }
      expect(source.pollsOf('b')).toHaveLength(1);
    });

    it('fails when the other one fails too, and asks both with the next call', async () => {
      const received = receive();
      await failB(1);
      source.pollsOf('a')[0]?.fail(new Error('away, too'));
      await expect(received).rejects.toThrow('away, too');
      const next = receive();
      expect([source.pollsOf('a').length, source.pollsOf('b').length]).toEqual([2, 2]);
      source.pollsOf('b')[1]?.bring(['b1']);
      expect(await next).toEqual(['b1']);
    });

    it('leaves no pause behind when it is closed', async () => {
      const received = receive();
      await failB(1);
      await pool.close();
      expect(await received).toEqual([]);
      source.pollsOf('a')[0]?.fail(new Error('closed'));
      expect(source.pollsOf('b')).toHaveLength(1);
    });
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
