import type { Endpoints } from 'rocketmq-client-nodejs';
import { BackOff } from '../back-off.js';
import { STABLE_AFTER_MS } from '../supervised.client.js';

/** The client whose sessions these are. */
export interface SessionOwner {
  /** False until the first session has answered. */
  isRunning(): boolean;
  /** The addresses of the route as it is now. */
  announced(): readonly Endpoints[];
  /** Those of them that can do this client's work: a slave answers too, and takes no message. */
  serving(): readonly Endpoints[];
  /** Opens the session again, on a new connection. */
  renew(endpoints: Endpoints): void;
  /** No session is left: another client must replace this one. */
  onLost(cause: Error): void;
  /** A session is lost that is opened again, while another one is up. */
  onPartLost(cause: Error): void;
}

interface Session {
  /** A LOST one that is opened again stays so until it has answered: an attempt proves nothing. */
  state: 'OPENING' | 'LIVE' | 'LOST';
  liveSince: number;
  isRenewed: boolean;
  readonly backOff: BackOff;
}

/**
 * The telemetry sessions of a client, one with each address that RocketMQ announces for its topic. When one machine of several
 * goes down, its address stays in the route for up to two minutes: the others are used on, and only its session is opened
 * again, until it answers.
 * Tests: announced-sessions.spec.ts.
 */
export class AnnouncedSessions {
  readonly #sessions = new Map<string, Session>();
  readonly #ending = new AbortController();

  constructor(private readonly owner: SessionOwner) {}

  isLive({ facade }: Endpoints): boolean {
    return this.#sessions.get(facade)?.state === 'LIVE';
  }

  opened({ facade }: Endpoints): void {
    if (this.#sessions.has(facade)) return;
    const backOff = new BackOff(500, 5_000);
    this.#sessions.set(facade, { state: 'OPENING', liveSince: 0, isRenewed: false, backOff });
  }

  answered({ facade }: Endpoints): void {
    const session = this.#sessions.get(facade);
    if (session === undefined || session.state === 'LIVE') return;
    session.state = 'LIVE';
    session.liveSince = performance.now();
  }

  /** The session has ended, the other end does not know the client any more, or several calls in a row got no answer. */
  lost(endpoints: Endpoints, cause: Error): void {
    if (this.#ending.signal.aborted) return;
    const session = this.#sessions.get(endpoints.facade);
    const isNew = session?.state !== 'LOST';
    if (session?.state === 'LIVE' && performance.now() - session.liveSince > STABLE_AFTER_MS)
      session.backOff.reset();
    if (session) session.state = 'LOST';
    if (!this.#isAnotherUp(endpoints)) {
      this.owner.onLost(cause);
      return;
    }
    if (session === undefined) return;
    if (isNew) this.owner.onPartLost(cause);
    if (!session.isRenewed) void this.#renew(endpoints, session);
  }

  /** Opens no session any more. */
  end(): void {
    this.#ending.abort();
  }

  /** While the client starts, one that may still answer counts. */
  #isAnotherUp({ facade }: Endpoints): boolean {
    const states = this.owner.isRunning() ? ['LIVE'] : ['LIVE', 'OPENING'];
    return this.owner.serving().some((other) => {
      const session = this.#sessions.get(other.facade);
      return other.facade !== facade && session !== undefined && states.includes(session.state);
    });
  }

  /** Waits with an address that has left the route until it is there again. */
  async #renew(endpoints: Endpoints, session: Session): Promise<void> {
    const { signal } = this.#ending;
    session.isRenewed = true;
    do await session.backOff.pause(signal);
    while (!signal.aborted && !this.#isAnnounced(endpoints));
    session.isRenewed = false;
    if (!signal.aborted) this.owner.renew(endpoints);
  }

  #isAnnounced({ facade }: Endpoints): boolean {
    return this.owner.announced().some((one) => one.facade === facade);
  }
}
