import { Logger } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { BackgroundLoop, waitAtMost, withDeadline } from 'txmsg/building-blocks';
import type { FaultInjector } from 'txmsg/faults';
import type { CallResult } from '../call/call-result.js';
import type { WebhookCaller } from '../call/webhook.caller.js';
import type { ClaimedDelivery, DeliveryStore } from '../delivery/delivery.store.js';
import type { DuePosition } from '../delivery/due.rows.js';
import { verdictOf, type Verdict } from '../delivery/ladder.js';
import { SecretUnreadableError } from '../secret/secret-box.js';
import type { SecretStore } from '../secret/secret.store.js';
import type { WebhooksSettings } from '../webhooks.options.js';
import type { SubscriberLane } from './subscriber.lane.js';
import type { SubscriberLanes } from './subscriber-lanes.js';

const RECORD_PAUSE_FIRST_MS = 100;
const RECORD_PAUSE_MAX_MS = 5000;

/**
 * Claims due deliveries and makes their calls. Any number of workers may run, in any number of processes. When a process
 * crashes, its deliveries go on elsewhere when their leases end; a call that was not recorded is made again.
 */
export class DeliveryWorker {
  private readonly logger = new Logger(DeliveryWorker.name);
  private readonly loop = new BackgroundLoop();
  private readonly running = new Set<Promise<void>>();
  /** Where the next round goes on; absent: with those who wait longest. */
  private after: DuePosition | undefined;

  constructor(
    private readonly store: DeliveryStore,
    private readonly caller: WebhookCaller,
    private readonly lanes: SubscriberLanes,
    private readonly secrets: SecretStore,
    private readonly faults: FaultInjector,
    private readonly settings: WebhooksSettings,
  ) {}

  start(): void {
    this.loop.start(() => this.claim());
  }

  /** Looks for due deliveries now instead of at the next interval. */
  wake(): void {
    this.loop.wake();
  }

  /**
   * Claims nothing more, and waits for the calls that run. Those which take longer are cut; nothing is recorded about them,
   * and they are repeated after their leases.
   */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    await this.loop.stop(timeoutMs);
    await waitAtMost(Promise.all(this.running), deadline.remainingMs());
    await waitAtMost(this.caller.close(), deadline.remainingMs());
  }

  /** Answers with the pause before the next round. Never throws. */
  private async claim(): Promise<number> {
    const { scanIntervalMs } = this.settings;
    // A call that ends wakes the loop.
    if (this.lanes.isFull()) return scanIntervalMs;
    try {
      const { claimed, isUnfinished, end } = await this.store.claim(
        (due) => this.lanes.allot(due),
        this.after,
      );
      for (const claim of claimed) this.begin(claim);
      if (isUnfinished) return 0;
      // However many are due and cannot be called now, they keep no others from being called.
      this.after = this.lanes.isFull() ? undefined : end;
      if (this.after !== undefined) return 0;
    } catch (error) {
      this.after = undefined;
      this.logger.warn({
        message: 'due webhook deliveries could not be claimed; it is retried',
        cause: String(error),
      });
    }
    return scanIntervalMs;
  }

  private begin(claim: ClaimedDelivery): void {
    const { leaseMs } = this.settings;
    const late = (): Error => new Error(`the call was not recorded within ${leaseMs} ms`);
    const turn = this.lanes
      .occupy(claim.subscriber, (lane) => withDeadline(this.deliver(claim, lane), leaseMs, late))
      .catch((error: unknown) => {
        // The end of the lease makes it due again.
        this.logger.warn({
          message: 'a webhook delivery was left to its lease',
          ...told(claim),
          cause: String(error),
        });
      })
      .finally(() => {
        this.running.delete(turn);
        this.wake();
      });
    this.running.add(turn);
  }

  private async deliver(claim: ClaimedDelivery, lane: SubscriberLane): Promise<void> {
    const { id, body, time, subscriber } = claim;
    const { url, expectBody, allowPrivateAddresses } = subscriber;
    const secrets = this.open(claim);
    await this.faults.at('service:webhook.before-call', { txNo: id });
    const result = await lane.run(() =>
      this.caller.call({
        ...{ id, url, body, time, secrets, expectBody: expectBody ?? undefined },
        allowPrivateAddresses: allowPrivateAddresses && this.settings.privateAddressesAllowed,
      }),
    );
    if (result === undefined) return this.store.giveBack(claim);
    await this.faults.at('service:webhook.called', { txNo: id });
    const isRecorded = await this.record(claim, result);
    await this.faults.at('service:webhook.recorded', { txNo: id });
    if (!isRecorded) {
      this.logger.warn({
        message: 'a webhook call was not recorded: its delivery had been claimed again',
        ...told(claim),
      });
    }
  }

  /**
   * The newest secret must open: a receiver that has changed to it refuses a call that is signed with the older one
   * alone, and that would count. An older one that does not open is left out: when a secret is lost, its subscriber is
   * given a new one, and must be called from then on.
   */
  private open(claim: ClaimedDelivery): string[] {
    const [newest, ...older] = claim.secrets;
    if (newest === undefined) throw new Error('its subscriber has no secret to sign with');
    const secrets = [this.secrets.open(newest)];
    for (const sealed of older) {
      try {
        secrets.push(this.secrets.open(sealed));
      } catch (error) {
        if (!(error instanceof SecretUnreadableError)) throw error;
        this.logger.warn({
          message: 'a webhook call is signed without the secret before the newest, which cannot be opened',
          ...told(claim),
          cause: String(error),
        });
      }
    }
    return secrets;
  }

  /** As long as the lease lasts: the call was made, and forgetting it makes another one. */
  private async record(claim: ClaimedDelivery, result: CallResult): Promise<boolean> {
    const deadline = Deadline.in(this.settings.leaseMs);
    for (let pauseMs = RECORD_PAUSE_FIRST_MS; ; pauseMs = Math.min(RECORD_PAUSE_MAX_MS, 2 * pauseMs)) {
      try {
        return await this.store.record(claim, result, (recorded, now) => this.verdict(claim, recorded, now));
      } catch (error) {
        if (deadline.hasPassed() || this.loop.signal.aborted) throw error;
        this.logger.warn({
          message: 'a webhook call could not be recorded; it is retried',
          ...told(claim),
          cause: String(error),
        });
        await this.loop.pause(pauseMs);
      }
    }
  }

  private verdict({ subscriber, calls, time }: ClaimedDelivery, result: CallResult, now: Date): Verdict {
    const ladder = {
      pausesSeconds: subscriber.ladderSeconds ?? this.settings.ladderSeconds,
      jitter: subscriber.jitter ?? this.settings.jitter,
    };
    return verdictOf(result, { calls: calls + 1, callTime: time, now }, ladder, {
      retryAfterMaxMs: this.settings.retryAfterMaxSeconds * 1000,
      random: this.settings.random,
    });
  }
}

/** Never the URL: what stands in its query may be a secret. */
function told({ id, subscriber }: ClaimedDelivery): {
  readonly delivery: string;
  readonly subscriber: string;
} {
  return { delivery: id, subscriber: subscriber.id };
}
