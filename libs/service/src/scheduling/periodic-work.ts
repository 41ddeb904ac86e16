import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { BackgroundLoop } from 'txmsg/building-blocks';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { shutdownPhases } from '../configuration/shutdown-phases.js';

export interface Rounds {
  /** The pause after each round, in ms; 0: there are no rounds. */
  readonly intervalMs: number;
  /** The pause before the first one, in ms. @default `intervalMs` */
  readonly firstAfterMs?: number;
}

/**
 * What is done again and again for as long as a service runs, each round after the one before. A provider extends it
 * and says what a round does. A round that hangs at the end of the service is not waited for, so that whatever it does
 * must be right however far it came.
 */
export abstract class PeriodicWork
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  protected readonly logger = new Logger(this.constructor.name);
  private readonly loop = new BackgroundLoop();
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly rounds: Rounds,
    private readonly serviceSettings: ServiceSettings,
  ) {}

  onApplicationBootstrap(): void {
    const { intervalMs, firstAfterMs = intervalMs } = this.rounds;
    if (intervalMs === 0) return;
    this.loop.start(async () => {
      await this.round().catch((error: unknown) => {
        this.roundFailed(error);
      });
      return intervalMs;
    }, firstAfterMs);
  }

  /** The time of the last round counts from the signal on, so that several that hang are over at the same time. */
  onModuleDestroy(): void {
    this.stopped ??= this.loop.stop(shutdownPhases(this.serviceSettings).workEndsMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stopped;
  }

  protected get isStopping(): boolean {
    return this.loop.signal.aborted;
  }

  protected abstract round(): Promise<void>;

  /** Tells the log; the next round comes as if nothing had happened. */
  protected abstract roundFailed(error: unknown): void;
}
