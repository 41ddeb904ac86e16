import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BrokerNotReadyError } from '../../errors/index.js';
import { eventually } from '../../testing/eventually.js';
import { ClientSupervisor } from './client-supervisor.js';
import type { HardenedClient } from './hardened-client.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';

jest.setTimeout(180_000);

class FakeClient {
  state: 'starting' | 'shut down' | 'terminated' = 'starting';
  startsWith: () => Promise<void> = () => Promise.resolve();
  shutsDownWith: () => Promise<void> = () => Promise.resolve();

  constructor(readonly lose: (cause: Error) => void) {}

  startup(): Promise<void> {
    return this.startsWith();
  }

  startWaitsFor(): string {
    return 'no settings from somewhere';
  }

  async shutdown(): Promise<void> {
    this.state = 'shut down';
    await this.shutsDownWith();
  }

  terminate(): void {
    this.state = 'terminated';
  }
}

/** Long enough for a busy machine, short enough to wait for. */
const START_TIMEOUT_MS = 1_000;

const never = () => new Promise<void>(() => undefined);

describe('the supervisor of a client', () => {
  let made: FakeClient[];
  let prepare: (client: FakeClient, index: number) => void;
  let supervisor: ClientSupervisor<FakeClient & HardenedClient>;

  beforeEach(() => {
    made = [];
    prepare = () => undefined;
    supervisor = new ClientSupervisor<FakeClient & HardenedClient>({
      name: 'client',
      topic: 't',
      logger: SILENT_LOGGER,
      startTimeoutMs: START_TIMEOUT_MS,
      create: (onLost) => {
        const client = new FakeClient(onLost);
        prepare(client, made.length);
        made.push(client);
        return client as FakeClient & HardenedClient;
      },
    });
  });

  afterEach(() => supervisor.close(100));

  it('replaces a client whose startup never ends', async () => {
    prepare = (client, index) => {
      if (index === 0) client.startsWith = never;
    };
    supervisor.start();
    await supervisor.whenReady(60_000);
    expect(made.map(({ state }) => state)).toEqual(['shut down', 'starting']);
    expect(supervisor.current('work')).toBe(made[1]);
  });

  it('replaces a client that is lost before its startup has ended, without waiting for it', async () => {
    prepare = (client, index) => {
      if (index > 0) return;
      client.startsWith = () => {
        client.lose(new Error('telemetry refused'));
        return never();
      };
    };
    supervisor.start();
    await supervisor.whenReady(60_000);
    expect(made).toHaveLength(2);
  });

  it('keeps trying while the broker refuses, and says why there is no connection', async () => {
    const refusal = new Error('ECONNREFUSED');
    prepare = (client, index) => {
      if (index < 2) client.startsWith = () => Promise.reject(refusal);
    };
    supervisor.start();
    expect(supervisor.whyNotReady()).toBe('it is starting');
    await expect(supervisor.whenReady(100)).rejects.toThrow(BrokerNotReadyError);
    expect(supervisor.whyNotReady()).toBe('ECONNREFUSED');
    expect(() => supervisor.current('work')).toThrow(
      expect.objectContaining({ operation: 'work', topic: 't', cause: refusal }),
    );
    await supervisor.whenReady(60_000);
    expect(supervisor.whyNotReady()).toBeUndefined();
  });

  it('lets a lost client serve until another one has started', async () => {
    let startNext: () => void = () => undefined;
    prepare = (client, index) => {
      if (index === 1) client.startsWith = () => new Promise((resolve) => (startNext = resolve));
    };
    supervisor.start();
    await supervisor.whenReady(60_000);
    made[0]?.lose(new Error('the broker ended the telemetry stream'));
    await eventually(() => made.length === 2);
    expect(supervisor.current('work')).toBe(made[0]);
    startNext();
    await eventually(() => supervisor.current('work') === made[1]);
    expect(made[0]?.state).toBe('shut down');
  });

  it('is not ready once a lost client could not be replaced', async () => {
    prepare = (client, index) => {
      if (index === 1) client.startsWith = () => Promise.reject(new Error('ECONNREFUSED'));
    };
    supervisor.start();
    await supervisor.whenReady(60_000);
    made[0]?.lose(new Error('reset'));
    await eventually(() => !supervisor.isReady());
    await supervisor.whenReady(60_000);
    expect(supervisor.current('work')).toBe(made[2]);
  });

  it('closes while a client starts, and starts no other one', async () => {
    prepare = (client) => {
      client.startsWith = never;
    };
    supervisor.start();
    const waiting = supervisor.whenReady(60_000);
    await Promise.all([supervisor.close(1_000), expect(waiting).rejects.toThrow(BrokerNotReadyError)]);
    supervisor.start();
    expect(made.map(({ state }) => state)).toEqual(['shut down']);
  });

  it('cuts off a client whose shutdown does not end', async () => {
    prepare = (client) => {
      client.shutsDownWith = never;
    };
    supervisor.start();
    await supervisor.whenReady(60_000);
    await supervisor.close(20);
    expect(made[0]?.state).toBe('terminated');
  });
});
