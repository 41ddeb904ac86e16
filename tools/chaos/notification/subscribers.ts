import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CUSTODY_WEBHOOK, TOP_UP_WEBHOOK } from '@txmsg/contracts';
import { postJson } from '../../../e2e/kit/http.js';
import { Random } from '../random.js';
import type { WorkloadContext } from '../workload.js';
import type { Subscription } from './notification-verdict.js';
import { ACKNOWLEDGEMENT, ChaosReceiver } from './receiver.js';
import { UserGateway } from './user-gateway.js';

/** Long enough for spells and faults; what is given up all the same is re-driven in the end. */
const LADDER = [1, 1, 1, 2, 2, 3, 3, 5, 5, 5, 5, 10, 10, 10, 10, 10, 10, 10, 10, 10];
/** Of the one who is away: two calls, and each of its notifications is given up. */
const SHORT_LADDER = [1];
const MOODY_NAMES = ['moody-0', 'moody-1', 'moody-2'];

/** All who are told: one is always well, some misbehave for spells, one is away until the end, and user. */
export class Subscribers {
  readonly list: Subscription[] = [];
  /** How often somebody followed a redirect to an address that was not the subscriber's. */
  trapped = 0;
  private readonly receivers: ChaosReceiver[] = [];
  private readonly gateway: UserGateway;
  private away: ChaosReceiver | undefined;
  private readonly trap: Server = createServer((_request, response) => {
    this.trapped += 1;
    response.writeHead(200).end(ACKNOWLEDGEMENT);
  });

  constructor(
    private readonly context: WorkloadContext,
    userUrl: () => string | undefined,
  ) {
    this.gateway = new UserGateway(userUrl);
  }

  /** Opens every receiver but the one that is away, and subscribes them all. */
  async open(notifierUrl: string): Promise<void> {
    await new Promise<void>((resolve) => this.trap.listen(0, '127.0.0.1', resolve));
    const { seed, secrets } = this.context;
    const trapUrl = `http://127.0.0.1:${(this.trap.address() as AddressInfo).port}/`;
    const add = async (name: string, events: readonly string[], index = 0): Promise<ChaosReceiver> => {
      const isMoody = MOODY_NAMES.includes(name);
      const random = new Random(seed + 100 + index);
      const receiver = new ChaosReceiver({ name, events, isMoody, trapUrl, random });
      this.receivers.push(receiver);
      await receiver.choosePort();
      return receiver;
    };
    const well = await add('well', [TOP_UP_WEBHOOK, CUSTODY_WEBHOOK]);
    // It hears of little: whoever fails is called seldom, and would have to be told for minutes after the run.
    this.away = await add('away', [CUSTODY_WEBHOOK]);
    const moody = await Promise.all(MOODY_NAMES.map((name, index) => add(name, [TOP_UP_WEBHOOK], index + 1)));
    for (const receiver of [well, ...moody]) await receiver.open();
    for (const receiver of this.receivers) {
      const { name, events } = receiver.options;
      const ladder = receiver === this.away ? SHORT_LADDER : LADDER;
      const { url, secret, acknowledged } = receiver;
      const fields = { name, url, events, secret, ladder, expectBody: ACKNOWLEDGEMENT };
      const id = await this.subscribe(notifierUrl, fields);
      this.list.push({ id, name, events, acknowledged, receiver });
    }
    await this.gateway.open();
    const user = { name: 'user', url: this.gateway.url, events: [CUSTODY_WEBHOOK] };
    const id = await this.subscribe(notifierUrl, {
      ...user,
      ladder: LADDER,
      secret: secrets.custodyWebhookSecret,
    });
    this.list.push({ id, name: user.name, events: user.events, acknowledged: this.gateway.acknowledged });
  }

  /** How many hear of this type. */
  listenersOf(event: string): number {
    return this.list.filter(({ events }) => events.includes(event)).length;
  }

  /** No further spell begins, and none goes on. The one that is away stays so. */
  async recover(): Promise<void> {
    await Promise.all(this.receivers.map((receiver) => receiver.recover()));
  }

  /** The one that was away is there, and well. */
  async bringBack(): Promise<void> {
    await this.away?.open();
  }

  async close(): Promise<void> {
    await Promise.all(this.receivers.map((receiver) => receiver.close()));
    await this.gateway.close();
    await new Promise((resolve) => this.trap.close(resolve));
  }

  private async subscribe(notifierUrl: string, fields: object): Promise<string> {
    const answer = await postJson(
      `${notifierUrl}/subscribers`,
      // Loopback is a private address.
      JSON.stringify({ ...fields, allowPrivateAddresses: true }),
      { authorization: `Bearer ${this.context.secrets.adminToken}` },
    );
    if (answer.status === 201) return String(answer.body?.id);
    throw new Error(`a subscriber was answered ${answer.status}: ${answer.text}`);
  }
}
