import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { acknowledge, breakOff, Receiver, type ReceivedCall } from '../../../libs/webhooks/test/receiver.js';

const TOO_OLD_MS = 600_000;

/** A call as the subscriber saw it, by this machine's clock. */
export interface SubscriberCall {
  readonly atMs: number;
  readonly what: 'NOT_THERE' | 'DONE_AND_CRASHED' | 'DONE' | 'DUPLICATE' | 'REFUSED';
}

/** A company that is told of results. It verifies with the package of the specification, and knows nothing of ours. */
export class DemoSubscriber {
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  readonly calls: SubscriberCall[] = [];
  /** What it has done, by `webhook-id`; elsewhere a table with a unique key. */
  readonly effects: string[] = [];
  /** away: no answer. crashing: it does the work once, and crashes before it answers. */
  mood: 'away' | 'crashing' | 'well' = 'away';
  private readonly webhook = new Webhook(this.secret);

  private constructor(private readonly receiver: Receiver) {
    receiver.behaviour = (call, response, request) => {
      const what = this.receive(call);
      this.calls.push({ atMs: Date.now(), what });
      const isSilent = what === 'NOT_THERE' || what === 'DONE_AND_CRASHED';
      if (what === 'REFUSED') refuse(response);
      else (isSilent ? breakOff : acknowledge)(call, response, request);
    };
  }

  static async start(): Promise<DemoSubscriber> {
    return new DemoSubscriber(await Receiver.start());
  }

  get url(): string {
    return this.receiver.url;
  }

  /** Whether every call had the same id and the same bytes, with a signature of its own that is right. */
  get areCallsTheSame(): boolean {
    const { calls } = this.receiver;
    return (
      calls.every((call) => this.isVerified(call)) &&
      new Set(calls.map(({ id, body }) => `${id} ${body}`)).size === 1
    );
  }

  /** Which of these forgeries of the last call it takes for genuine: none, if it is as the specification says. */
  forgeriesTaken(): string[] {
    const call = this.receiver.calls.at(-1);
    if (call === undefined) return ['nothing was called'];
    const signedAgain = (secret: string, time: Date): ReceivedCall => ({
      ...call,
      headers: {
        ...call.headers,
        'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign(call.id, time, call.body),
      },
    });
    const forgeries: Readonly<Record<string, ReceivedCall>> = {
      'a changed byte': { ...call, body: call.body.replace('success', 'succesS') },
      'another secret': signedAgain(`whsec_${randomBytes(32).toString('base64')}`, new Date()),
      'an old time stamp': signedAgain(this.secret, new Date(Date.now() - TOO_OLD_MS)),
    };
    return Object.keys(forgeries).filter((name) => this.isVerified(forgeries[name] ?? call));
  }

  close(): Promise<void> {
    return this.receiver.close();
  }

  private receive(call: ReceivedCall): SubscriberCall['what'] {
    if (this.mood === 'away') return 'NOT_THERE';
    if (!this.isVerified(call)) return 'REFUSED';
    if (this.effects.includes(call.id)) return 'DUPLICATE';
    this.effects.push(call.id);
    return this.mood === 'crashing' ? 'DONE_AND_CRASHED' : 'DONE';
  }

  private isVerified({ body, headers }: ReceivedCall): boolean {
    try {
      this.webhook.verify(body, headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  }
}

function refuse(response: ServerResponse): void {
  response.writeHead(401).end();
}
