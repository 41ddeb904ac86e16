import { randomBytes } from 'node:crypto';
import { CUSTODY, type CustodyService } from '@txmsg/contracts';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { Webhook } from 'standardwebhooks';
import { eventually } from 'txmsg/testing';
import { call, postJson, type Answer } from './http.js';
import { register } from './registration-load.js';
import { ServiceAddress } from './service-address.js';
import type { ServiceProcess } from './service-process.js';
import { TestServices } from './test-services.js';

/** When it happened, and not when it is told. */
const HAPPENED_AT = '2026-11-27T00:00:00.000Z';
const END = { timeoutMs: 120_000, intervalMs: 100 };

/** What a request has come to, by user's own table. */
export interface RequestRow {
  readonly requestNo: string;
  readonly state: string;
  readonly custodyAccountNo: string | null;
}

/** User and custody, as a test sees them: by HTTP, in their databases, and in the place of the notifier between them. */
export class CustodyWorld {
  private readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  private readonly webhook = new Webhook(this.secret);

  private constructor(
    readonly services: TestServices<CustodyService>,
    /** Where user finds custody, whichever instance runs. */
    readonly custodyAddress: ServiceAddress,
  ) {}

  static async create(label: string): Promise<CustodyWorld> {
    return new CustodyWorld(await TestServices.of(CUSTODY, label), await ServiceAddress.open());
  }

  /** User's settings. It asks custody every 200 ms, unless `isAsking` is false. */
  userSettings(isAsking: boolean): Record<string, string> {
    return {
      CUSTODY_URL: this.custodyAddress.url,
      CUSTODY_WEBHOOK_SECRETS: this.secret,
      CUSTODY_ASK_LADDER_MS: '200',
      RECONCILE_INTERVAL_MS: isAsking ? '200' : '0',
    };
  }

  async startCustody(environment: Record<string, string> = {}): Promise<ServiceProcess> {
    const custody = await this.services.start('custody', environment);
    this.custodyAddress.leadTo(custody);
    return custody;
  }

  /** Somebody registers. @returns the userId */
  async registered(user: ServiceProcess, txNo: string): Promise<string> {
    const { status, text, body } = await register(user, { txNo, name: '张三' });
    if (status !== 201) throw new Error(`the registration was answered ${status}: ${text}`);
    return String(body?.userId);
  }

  /** `POST /user/users/:userId/custody-account`. */
  ask(user: ServiceProcess, userId: string): Promise<Answer> {
    return call(`${user.url}/users/${userId}/custody-account`, { method: 'POST' });
  }

  /** A request that user has stored. @returns its number */
  async requested(user: ServiceProcess, userId: string): Promise<string> {
    const { status, text, body } = await this.ask(user, userId);
    if (status !== 202) throw new Error(`the request was answered ${status}: ${text}`);
    return String(body?.requestNo);
  }

  /** The message about a request that custody has published, as the notifier receives it. */
  result(requestNo: string): Promise<object> {
    return eventually(async () => {
      const [row] = await this.query(
        'custody',
        "SELECT body FROM local_message WHERE tx_no = ? AND state = 'PUBLISHED'",
        [requestNo],
      );
      return row !== undefined && (JSON.parse(String(row.body)) as object);
    }, END);
  }

  /** What the notifier does with such a message: a further call has the same body, and a time stamp and signature of its own. */
  notify(user: ServiceProcess, id: string, data: object): Promise<Answer> {
    const at = new Date();
    const body = JSON.stringify({ type: 'custody.result', timestamp: HAPPENED_AT, data });
    return postJson(`${user.url}/webhooks/custody`, body, {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': this.webhook.sign(id, at, body),
    });
  }

  async requestsOf(userId: string): Promise<RequestRow[]> {
    const sql = `SELECT request_no AS requestNo, state, custody_account_no AS custodyAccountNo
      FROM custody_request WHERE user_id = ?`;
    return (await this.query('user', sql, [userId])) as RequestRow[];
  }

  async untilOpened(userId: string): Promise<void> {
    await eventually(async () => (await this.requestsOf(userId))[0]?.state === 'OPENED', END);
  }

  /** Where these users have not exactly one request, and the one account that custody has opened by it. */
  async disagreements(userIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const userId of userIds) {
      const sql =
        'SELECT request_no AS requestNo, custody_account_no AS custodyAccountNo FROM custody_account WHERE user_id = ?';
      const accounts = await this.query('custody', sql, [userId]);
      const expected = accounts.map(({ requestNo, custodyAccountNo }) => ({
        requestNo: String(requestNo),
        state: 'OPENED',
        custodyAccountNo: String(custodyAccountNo),
      }));
      const requests = await this.requestsOf(userId);
      const isRight = requests.length === 1 && JSON.stringify(requests) === JSON.stringify(expected);
      if (!isRight)
        found.push(`${userId}: ${JSON.stringify(requests)}, accounts ${JSON.stringify(accounts)}`);
    }
    return found;
  }

  /** What the clock does within 30 s of a crash: a job, or a message, whose worker is gone is due again. */
  async endLeases(): Promise<void> {
    // A worker that claims at the same time may make it the victim of a deadlock.
    await eventually(() =>
      this.query('custody', "UPDATE durable_job SET next_run_at = UTC_TIMESTAMP(3) WHERE state = 'PENDING'"),
    );
  }

  async query(service: CustodyService, sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
    const connection = await createConnection(this.services.mysqlUrl(service));
    try {
      return (await connection.query<RowDataPacket[]>(sql, values))[0];
    } finally {
      await connection.end();
    }
  }

  async close(): Promise<void> {
    await this.services.close();
    await this.custodyAddress.close();
  }
}
