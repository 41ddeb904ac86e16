import type { ServiceName } from '@txmsg/contracts';
import { postJson } from '../../../e2e/kit/http.js';
import type { Sent } from '../calls.js';
import { Workload, type Figure, type OneOf, type Violation, type WorkloadContext } from '../workload.js';
import { Notifications } from './notifications.js';
import { Openings, type SentOpening } from './openings.js';
import { Subscribers } from './subscribers.js';
import type { SentTopUp } from './top-up-verdict.js';
import { TopUps } from './top-ups.js';

type SentAny = SentTopUp | SentOpening;

/** bank1 asks pay, user asks custody, and notifier tells whoever subscribes. */
export const NOTIFICATION_SERVICES = ['pay', 'bank1', 'custody', 'user', 'notifier'] as const;

/** So few that the subscriber which fails is told of everything within minutes. */
const CALLERS = 4;

/**
 * Top-ups and accounts at the custody bank: whoever receives a result hears of it by message, by webhook or by asking, and
 * acts once. What the broker had and lost with its store is published again as an operator does it.
 */
export class NotificationWorkload extends Workload<SentAny> {
  private readonly topUps: TopUps;
  private readonly openings: Openings;
  private readonly subscribers: Subscribers;
  private readonly notifications: Notifications;
  private startTime = new Date();
  /** At rest, before what was given up is re-driven. */
  private endsAtRest: Figure[] = [];

  constructor(context: WorkloadContext) {
    const tables = ['bank1.top_up', 'tx_user.user_info'];
    const names = { name: 'notification', what: 'top-ups and openings', tables, callers: CALLERS };
    super({ ...names, services: NOTIFICATION_SERVICES }, context);
    const oneOf: OneOf = (service) => this.oneOf(service);
    const { databases, random } = this;
    this.topUps = new TopUps(databases, random, oneOf, context.mysqlRootUrl);
    this.openings = new Openings(databases, random, oneOf);
    this.subscribers = new Subscribers(context, () => this.oneOf('user'));
    const { adminToken } = context.secrets;
    this.notifications = new Notifications(databases, this.subscribers, oneOf, adminToken);
  }

  async prepare(): Promise<void> {
    this.startTime = new Date();
    await this.topUps.prepare();
    await this.subscribers.open(this.urlOf('notifier'));
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.subscribers.recover();
  }

  /** What pay and custody told a broker that has lost it is asked for by nobody who does not expect it. */
  override async resolve(deadlineMs: number): Promise<void> {
    await super.resolve(deadlineMs);
    for (const service of ['pay', 'custody'] as const) await this.publishAgain(service);
  }

  /** With pay's row and the notifications, where the txNo stands in another column. */
  override async rowsAbout(txNo: string): Promise<string[]> {
    const rows = [...(await super.rowsAbout(txNo)), ...(await this.notifications.rowsAbout(txNo))];
    return [...rows, ...(await this.topUps.rowsAbout(txNo))];
  }

  override async close(): Promise<void> {
    await this.subscribers.close();
    await super.close();
  }

  protected next(sent: Sent): SentAny {
    return this.random.chance(0.12) ? this.openings.next(sent) : this.topUps.next(sent);
  }

  protected call(one: SentAny): Promise<number> | undefined {
    return one.kind === 'TOP_UP' ? this.topUps.call(one) : this.openings.call(one);
  }

  protected async open(): Promise<number> {
    const counts = [this.topUps.open(), this.openings.open(), this.notifications.open()];
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  protected async judgeRows(): Promise<Violation[]> {
    const { sent } = this.callers;
    const violations = [
      ...(await this.topUps.judge(sent.filter((one) => one.kind === 'TOP_UP'))),
      ...(await this.openings.judge(sent.filter((one) => one.kind === 'OPENING'))),
      ...(await this.notifications.judge()),
    ];
    this.endsAtRest = await this.notifications.ends();
    await this.subscribers.bringBack();
    return [...violations, ...(await this.notifications.redriveGivenUp())];
  }

  protected async ends(): Promise<Figure[]> {
    return [...(await this.topUps.ends()), ...(await this.openings.ends()), ...this.endsAtRest];
  }

  private async publishAgain(service: ServiceName): Promise<void> {
    const authorization = `Bearer ${this.context.secrets.adminToken}`;
    const body = JSON.stringify({ by: 'chaos', since: this.startTime.toISOString() });
    const url = `${this.urlOf(service)}/admin/outbox/republish`;
    const { status, text } = await postJson(url, body, { authorization });
    if (status === 200) return;
    throw new Error(`${service} was to publish its messages again, and answered ${status}: ${text}`);
  }

  /** When everything runs. */
  private urlOf(service: ServiceName): string {
    const url = this.oneOf(service);
    if (url === undefined) throw new Error(`${service} does not run, although nothing is disturbed`);
    return url;
  }
}
