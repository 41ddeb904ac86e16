import { describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { Lookup } from './guarded-agent.js';
import { LookupTimeoutError, NameLookups } from './name-lookups.js';

const THREADS = 2;
const ADDRESS = { address: '192.0.2.1', family: 4 };

/** The system's resolver: a name that begins with "dead" holds one of its threads until the test ends its lookup. */
class SystemResolver {
  /** In the order in which threads began with them. */
  readonly begun: string[] = [];
  private readonly ends = new Map<string, () => void>();
  private readonly queue: (() => void)[] = [];
  private held = 0;

  readonly lookup: Lookup = (hostname, _options, callback) => {
    this.queue.push(() => {
      this.begun.push(hostname);
      const ended = (...answer: Parameters<typeof callback>) => {
        this.held -= 1;
        callback(...answer);
        this.begin();
      };
      if (hostname.startsWith('dead')) {
        this.ends.set(hostname, () => {
          ended(new Error('EAI_AGAIN'));
        });
      } else process.nextTick(ended, null, [ADDRESS]);
    });
    this.begin();
  };

  /** As the system does after some ten seconds. */
  giveUp(hostname: string): void {
    this.ends.get(hostname)?.();
  }

  private begin(): void {
    for (; this.held < THREADS; this.held++) {
      const next = this.queue.shift();
      if (next === undefined) return;
      next();
    }
  }
}

class Lookups {
  readonly system = new SystemResolver();
  private readonly names: NameLookups;

  constructor(timeoutMs = 60_000) {
    this.names = new NameLookups(this.system.lookup, timeoutMs, 1);
  }

  /** The address, or the error. */
  of(hostname: string): Promise<unknown> {
    return new Promise((resolve) => {
      this.names.lookup(hostname, { all: true }, (error, addresses) => {
        resolve(error ?? addresses?.[0]);
      });
    });
  }

  hang(...hostnames: string[]): void {
    for (const hostname of hostnames) void this.of(hostname);
  }
}

describe('lookups', () => {
  it('of a name that was found before wait for none of the names that are not answered', async () => {
    const lookups = new Lookups();
    await lookups.of('well');
    lookups.hang('dead-1', 'dead-2', 'dead-3', 'dead-4');
    expect(await lookups.of('well')).toEqual(ADDRESS);
    expect(lookups.system.begun).toEqual(['well', 'dead-1', 'well']);
  });

  it('of names that are not known yet are all made, one after the other', async () => {
    const lookups = new Lookups();
    const names = Array.from({ length: 20 }, (_, index) => `name-${index}`);
    expect(await Promise.all(names.map((name) => lookups.of(name)))).toEqual(names.map(() => ADDRESS));
    expect(lookups.system.begun).toEqual(names);
  });

  it('are one for everybody who asks for the same name meanwhile', async () => {
    const lookups = new Lookups();
    const three = Promise.all([lookups.of('dead-1'), lookups.of('dead-1'), lookups.of('dead-1')]);
    lookups.system.giveUp('dead-1');
    expect(await three).toEqual([0, 1, 2].map(() => new Error('EAI_AGAIN')));
    expect(lookups.system.begun).toEqual(['dead-1']);
  });

  it('end in time with an error that says why, and those that nobody waits for any more are not made', async () => {
    const lookups = new Lookups(30);
    const answers: unknown[] = [];
    for (const name of ['dead-1', 'other'])
      void lookups.of(name).then((answer) => {
        answers.push(answer);
      });
    await eventually(() => answers.length === 2);
    for (const answer of answers) expect(answer).toBeInstanceOf(LookupTimeoutError);
    expect(String(answers[1])).toMatch(/other was not looked up within 30 ms/);
    lookups.system.giveUp('dead-1');
    expect(lookups.system.begun).toEqual(['dead-1']);
    expect(await lookups.of('another')).toEqual(ADDRESS);
  });

  it('are made first of names that have failed least', async () => {
    const lookups = new Lookups();
    lookups.hang('dead-1');
    lookups.system.giveUp('dead-1');
    lookups.hang('dead-2', 'dead-1');
    const other = lookups.of('other');
    lookups.system.giveUp('dead-2');
    expect(await other).toEqual(ADDRESS);
    expect(lookups.system.begun).toEqual(['dead-1', 'dead-2', 'other', 'dead-1']);
  });
});
