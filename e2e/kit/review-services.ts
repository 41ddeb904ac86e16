import { REVIEW, reviewTxNoOf, toAmount, toCents, type ReviewService } from '@txmsg/contracts';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { eventually } from 'txmsg/testing';
import { ADMIN_SETTINGS } from './admin.js';
import { call, postJson, type Answer } from './http.js';
import type { ServiceProcess } from './service-process.js';
import { TestServices } from './test-services.js';

const HEADERS = { authorization: `Bearer ${ADMIN_SETTINGS.ADMIN_TOKEN}` };
const SETTINGS = { ADMIN_TOKEN: ADMIN_SETTINGS.ADMIN_TOKEN, HTTP_BODY_LIMIT_BYTES: '65536' };
const BIDS_AT_ONCE = 500;
const PLAN_DEADLINE_MS = 120_000;

export interface Project {
  readonly projectId: string;
  readonly investors: number;
  readonly terms: number;
}

/** Trading and repayment, as a test sees them: by HTTP, and in their databases. */
export class Review {
  private constructor(readonly services: TestServices<ReviewService>) {}

  static async create(label: string): Promise<Review> {
    return new Review(await TestServices.of(REVIEW, label));
  }

  start(service: ReviewService, environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    return this.services.start(service, { ...SETTINGS, ...environment });
  }

  /** Without waiting for it: it may end at once. */
  launch(service: ReviewService, environment: Readonly<Record<string, string>>): ServiceProcess {
    return this.services.launch(service, { ...SETTINGS, ...environment });
  }

  /** A project whose bids are full: each investor bids another amount, and none of them divides. */
  async makeFull(trading: ServiceProcess, { projectId, investors, terms }: Project): Promise<void> {
    const bids = Array.from({ length: investors }, (_unused, index) => ({
      investorNo: `i-${String(index).padStart(6, '0')}`,
      amount: toAmount(BigInt(10_001 + 7 * index)),
    }));
    const amount = toAmount(bids.reduce((cents, bid) => cents + toCents(bid.amount), 0n));
    await this.posted(trading, 'projects', { projectId, amount, terms, annualRate: '5.35' });
    for (let start = 0; start < bids.length; start += BIDS_AT_ONCE) {
      await this.posted(trading, `projects/${projectId}/bids`, {
        bids: bids.slice(start, start + BIDS_AT_ONCE),
      });
    }
  }

  approve(trading: ServiceProcess, projectId: string): Promise<Answer> {
    return this.post(trading, `projects/${projectId}/approve`, {});
  }

  post(trading: ServiceProcess, path: string, body: object): Promise<Answer> {
    return postJson(`${trading.url}/${path}`, JSON.stringify({ by: 'tester', ...body }), HEADERS);
  }

  async plan(repayment: ServiceProcess, projectId: string): Promise<Answer['body']> {
    return (await call(`${repayment.url}/plans/${projectId}`)).body;
  }

  async untilReady(repayment: ServiceProcess, projectId: string): Promise<Answer['body']> {
    return eventually(
      async () => {
        const plan = await this.plan(repayment, projectId);
        if (plan?.state !== 'READY') throw new Error(JSON.stringify(plan));
        return plan;
      },
      { timeoutMs: PLAN_DEADLINE_MS },
    );
  }

  /** What the plan has: one row for each instalment, and sums that agree with the bids at trading. */
  async problemsOf({ projectId, investors, terms }: Project): Promise<string[]> {
    const [made] = await this.query(
      'repayment',
      `SELECT COUNT(*) AS instalments, COUNT(DISTINCT investor_no) AS investors, SUM(principal) AS principal,
         SUM(interest) AS interest, MIN(instalment_no) AS first, MAX(instalment_no) AS last
       FROM repayment_instalment WHERE project_id = ?`,
      [projectId],
    );
    const [plan] = await this.query('repayment', 'SELECT * FROM repayment_plan WHERE project_id = ?', [
      projectId,
    ]);
    const [bids] = await this.query('trading', 'SELECT SUM(amount) AS amount FROM bid WHERE project_id = ?', [
      projectId,
    ]);
    const uneven = await this.query(
      'repayment',
      `SELECT investor_no FROM repayment_instalment WHERE project_id = ?
       GROUP BY investor_no HAVING COUNT(*) <> ?`,
      [projectId, terms],
    );
    const facts: [string, unknown, unknown][] = [
      ['instalments', made?.instalments, investors * terms],
      ['investors', made?.investors, investors],
      ['investors with another number of instalments', uneven.length, 0],
      ['first instalment', made?.first, 1],
      ['last instalment', made?.last, terms],
      ['principal', made?.principal, bids?.amount],
      ['principal of the plan', plan?.principal_made, bids?.amount],
      ['interest of the plan', plan?.interest_made, made?.interest],
      ['instalments of the plan', plan?.instalments_made, investors * terms],
    ];
    return facts
      .filter(([, found, expected]) => String(found) !== String(expected))
      .map(
        ([what, found, expected]) => `${projectId}: ${what} ${String(found)} instead of ${String(expected)}`,
      );
  }

  /** What the clock does within 30 s of a crash: a job whose worker has crashed is due again. */
  async endLeases(): Promise<void> {
    const sql = "UPDATE durable_job SET next_run_at = UTC_TIMESTAMP(3) WHERE state = 'PENDING'";
    // A worker that claims at the same time may make it the victim of a deadlock.
    await eventually(() => this.query('repayment', sql));
  }

  async query(service: ReviewService, sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
    const connection = await createConnection(this.services.mysqlUrl(service));
    try {
      return (await connection.query<RowDataPacket[]>(sql, values))[0];
    } finally {
      await connection.end();
    }
  }

  close(): Promise<void> {
    return this.services.close();
  }

  private async posted(trading: ServiceProcess, path: string, body: object): Promise<void> {
    const { status, text } = await this.post(trading, path, body);
    if (status !== 201) throw new Error(`POST ${path} was answered ${status}: ${text}`);
  }
}

/** Whether this instance has acknowledged the message of the approval. Needs LOG_LEVEL debug, and some rule in FAULTS. */
export function hasAcknowledged(instance: ServiceProcess, projectId: string): boolean {
  return instance
    .logs()
    .some(({ point, txNo }) => point === 'consume.acknowledged' && txNo === reviewTxNoOf(projectId));
}
