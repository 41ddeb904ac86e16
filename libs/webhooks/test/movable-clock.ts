import { WebhookClock } from '../src/index.js';

/** A clock that stands still until a test moves it; several applications share it as they share a database. */
export class MovableClock extends WebhookClock {
  private ms = Date.now();

  now(): Promise<Date> {
    return Promise.resolve(new Date(this.ms));
  }

  moveMs(ms: number): void {
    this.ms += ms;
  }

  move(seconds: number): void {
    this.moveMs(seconds * 1000);
  }
}
