import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { freePort } from '../../stack/ports.js';
import type { Random } from '../random.js';
import { newWebhookSecret, WEBHOOK_CALL_TIMEOUT_MS } from '../service-settings.js';

/** How a receiver treats calls for a while. */
const TROUBLES = ['REFUSE', 'HANG', 'ERROR', 'LATE', 'BREAK_OFF', 'REDIRECT', 'WRONG_BODY'] as const;
type Trouble = (typeof TROUBLES)[number];

/** What an event did at a receiver. */
export interface Effect {
  readonly webhookId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ReceiverOptions {
  readonly name: string;
  readonly events: readonly string[];
  /** Misbehaves for spells of time. */
  readonly isMoody: boolean;
  /** Where a redirect leads that nobody may follow. */
  readonly trapUrl: string;
  readonly random: Random;
}

/** What acknowledges; every receiver expects notifier to look for it. */
export const ACKNOWLEDGEMENT = 'received';
const WELL_MS = { min: 4000, max: 10_000 };
const SPELL_MS = { min: 2000, max: 8000 };
/** How often a receiver that fails has done its work before. */
const PROCESSED_CHANCE = 0.5;

/** A subscriber that follows the documentation: it verifies each call, and acts once for each `webhook-id`. */
export class ChaosReceiver {
  readonly secret = newWebhookSecret();
  readonly effects: Effect[] = [];
  /** The ids of what it has acknowledged. */
  readonly acknowledged = new Set<string>();
  /** Calls that no notifier of ours may make. */
  readonly unproven: string[] = [];
  calls = 0;
  /** Calls about what it had acted on before. */
  repeated = 0;
  private port = 0;
  private trouble: Trouble | undefined;
  private readonly handled = new Set<string>();
  private readonly sockets = new Set<Socket>();
  private readonly stopping = new AbortController();
  private moods: Promise<void> = Promise.resolve();
  private readonly server = createServer((request, response) => {
    response.on('error', () => undefined);
    this.receive(request, response).catch(() => {
      request.socket.destroy();
    });
  });

  constructor(readonly options: ReceiverOptions) {
    this.server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      if (this.trouble === 'REFUSE') socket.destroy();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** It has an address from now on, at which nobody listens yet. */
  async choosePort(): Promise<void> {
    this.port = await freePort();
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', resolve);
    });
    if (this.options.isMoody) this.moods = this.changeMoods();
  }

  /** From now on it is well. */
  async recover(): Promise<void> {
    this.stopping.abort();
    await this.moods;
    this.trouble = undefined;
  }

  async close(): Promise<void> {
    await this.recover();
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async changeMoods(): Promise<void> {
    const { random } = this.options;
    const { signal } = this.stopping;
    const pause = ({ min, max }: typeof WELL_MS): Promise<unknown> =>
      delay(random.whole(min, max), undefined, { signal }).catch(() => undefined);
    while (!signal.aborted) {
      this.trouble = undefined;
      await pause(WELL_MS);
      this.trouble = random.oneOf(TROUBLES);
      await pause(SPELL_MS);
    }
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { trouble } = this;
    this.calls += 1;
    if (trouble === 'REFUSE') {
      request.socket.destroy();
      return;
    }
    const id = String(request.headers['webhook-id']);
    if (!this.isProven(request, body)) {
      this.unproven.push(id);
      response.writeHead(401).end();
      return;
    }
    const isProcessed = trouble === undefined || this.options.random.chance(PROCESSED_CHANCE);
    if (isProcessed) this.act(id, body);
    await this.answer(trouble, id, response);
  }

  private isProven({ headers }: IncomingMessage, body: string): boolean {
    try {
      new Webhook(this.secret).verify(body, headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  }

  /** Once for each id, however often it is told. */
  private act(webhookId: string, body: string): void {
    if (this.handled.has(webhookId)) {
      this.repeated += 1;
      return;
    }
    this.handled.add(webhookId);
    const { data } = JSON.parse(body) as Pick<Effect, 'data'>;
    this.effects.push({ webhookId, data });
  }

  private async answer(
    trouble: Exclude<Trouble, 'REFUSE'> | undefined,
    id: string,
    response: ServerResponse,
  ): Promise<void> {
    switch (trouble) {
      case undefined:
        this.acknowledged.add(id);
        response.writeHead(200).end(ACKNOWLEDGEMENT);
        return;
      case 'HANG':
        // The caller ends it.
        return;
      case 'ERROR':
        response.writeHead(500).end(ACKNOWLEDGEMENT);
        return;
      case 'LATE':
        // A second later nobody waits for it any more, also not a process that was frozen.
        await delay(WEBHOOK_CALL_TIMEOUT_MS + 1000);
        response.writeHead(200).end(ACKNOWLEDGEMENT);
        return;
      case 'BREAK_OFF':
        response.writeHead(200, { 'content-length': ACKNOWLEDGEMENT.length });
        response.write(ACKNOWLEDGEMENT.slice(0, 3), () => response.socket?.destroy());
        return;
      case 'REDIRECT':
        response.writeHead(307, { location: this.options.trapUrl }).end(ACKNOWLEDGEMENT);
        return;
      case 'WRONG_BODY':
        response.writeHead(200).end('not yet');
    }
  }
}
