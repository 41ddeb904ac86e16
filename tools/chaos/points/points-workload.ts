import { postJson } from '../../../e2e/kit/http.js';
import { untruthsTold, type Sent } from '../calls.js';
import { Workload, type Figure, type Violation, type WorkloadContext } from '../workload.js';

interface PointsRow {
  readonly txNo: string;
  readonly userId: string;
  /** What the account holds; null without one. */
  readonly points: number | string | null;
}

/** Nobody asks anybody. */
export const POINTS_SERVICES = ['points', 'user'] as const;

const CALL_DEADLINE_MS = 15_000;
/** The default of POINTS_FOR_REGISTRATION. */
const POINTS = 100;

/**
 * Registrations: in the end a user exists exactly when the points do. What the broker had and lost with its store is
 * published again as an operator does it (`npm run txmsg -- outbox republish --since`).
 */
export class PointsWorkload extends Workload {
  private startTime = new Date();

  constructor(context: WorkloadContext) {
    const tables = ['tx_user.user_info', 'tx_points.points_grant'];
    super({ name: 'points', what: 'registrations', services: POINTS_SERVICES, tables, callers: 4 }, context);
  }

  prepare(): Promise<void> {
    this.startTime = new Date();
    return Promise.resolve();
  }

  /** A broker that has lost its store is answered by an operator: no service asks the other one here. */
  override async resolve(deadlineMs: number): Promise<void> {
    await super.resolve(deadlineMs);
    const authorization = `Bearer ${this.context.secrets.adminToken}`;
    const body = JSON.stringify({ by: 'chaos', since: this.startTime.toISOString() });
    const url = this.oneOf('user');
    if (url === undefined) throw new Error('user does not run, although everything was healed');
    const { status, text } = await postJson(`${url}/admin/outbox/republish`, body, { authorization });
    if (status !== 200)
      throw new Error(`user was to publish its messages again, and answered ${status}: ${text}`);
  }

  protected next(sent: Sent): Sent {
    return sent;
  }

  protected call({ txNo }: Sent): Promise<number> | undefined {
    const url = this.oneOf('user');
    if (url === undefined) return undefined;
    const headers = { 'idempotency-key': txNo };
    const registering = postJson(
      `${url}/register`,
      JSON.stringify({ name: txNo }),
      headers,
      CALL_DEADLINE_MS,
    );
    return registering.then(({ status }) => status);
  }

  /** Users without points; what is published and not yet consumed is among them. */
  protected async open(): Promise<number> {
    return (await this.users()).filter(({ points }) => points === null).length;
  }

  protected async judgeRows(): Promise<Violation[]> {
    const users = new Map((await this.users()).map((row) => [row.txNo, row]));
    const strangers = await this.databases.query<{ txNo: string }>(
      `SELECT tx_no AS txNo FROM tx_points.points_grant g
       WHERE NOT EXISTS (SELECT 1 FROM tx_user.user_info u WHERE u.tx_no = g.tx_no)`,
    );
    return [
      ...untruthsTold(this.callers.sent, ({ txNo }) => users.has(txNo)),
      ...[...users.values()]
        .filter(({ points }) => Number(points) !== POINTS)
        .map(({ txNo, points }) => ({ txNo, what: `${txNo} is a user and has ${points ?? 'no'} points` })),
      ...strangers.map(({ txNo }) => ({ txNo, what: `${txNo} has points, and there is no such user` })),
    ];
  }

  protected async ends(): Promise<Figure[]> {
    const users = await this.users();
    return [['  of these with points', users.filter(({ points }) => points !== null).length]];
  }

  /** All but those who registered under AT, of whom points is not told. */
  private users(): Promise<PointsRow[]> {
    return this.databases.query(
      `SELECT u.tx_no AS txNo, u.user_id AS userId, a.points
       FROM tx_user.user_info u LEFT JOIN tx_points.points_account a ON a.user_id = u.user_id
       WHERE NOT EXISTS (SELECT 1 FROM tx_user.registration r WHERE r.tx_no = u.tx_no AND r.pattern = 'AT')`,
    );
  }
}
