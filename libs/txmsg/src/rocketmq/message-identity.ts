import { randomBytes } from 'node:crypto';

/** 2021-01-01T00:00:00Z, where message ids of RocketMQ 5 begin to count seconds. */
const EPOCH_S = 1_609_459_200;

/**
 * Message ids that no other process can have. rocketmq-client-nodejs 1.0.8 makes them of the MAC address, the
 * process id, the second and a counter from 0; in containers the MAC address is often unknown (zeros) and the
 * process id 1, so two instances started together send the same ids. The proxy finds a transaction by topic and
 * message id: the COMMIT of one instance then commits the half message of the other.
 * The layout is the documented one (version 1, 8 bytes of machine and process, seconds, counter), with random
 * bytes for machine and process.
 * Test: message-identity.spec.ts.
 */
export class MessageIdentity {
  private readonly origin = randomBytes(8).toString('hex');
  private counter = 0;

  next(): string {
    const seconds = Math.floor(Date.now() / 1_000) - EPOCH_S;
    this.counter = (this.counter + 1) % 0x1_0000_0000;
    return `01${this.origin}${hex32(seconds)}${hex32(this.counter)}`.toUpperCase();
  }
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
