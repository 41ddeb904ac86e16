import { serviceNamed } from '@txmsg/contracts';
import { postJson } from '../../../e2e/kit/http.js';
import type { Sent } from '../calls.js';
import type { Databases } from '../databases.js';
import type { Random } from '../random.js';
import type { Figure, OneOf, Violation } from '../workload.js';
import {
  judgeRegistrations,
  type AccountRow,
  type Person,
  type RegistrationRow,
  type SentRegistration,
} from './registration-verdict.js';
import { askFor, newTwoPhase, outcomesOf } from './two-phase-call.js';

const USER = serviceNamed('user').database;
const IDENTITY = serviceNamed('identity').database;
const PERSON = 'tx_no AS txNo, user_id AS userId, name';
const PASSWORD = 'correct horse';
/** So few that two of them are often wanted at the same time. */
const WANTED_NAMES = 30;
/** Each costs the hash of a password. */
const LOGINS_MAX = 50;

/** Registrations that make a user and a login account, or neither. */
export class Registrations {
  constructor(
    private readonly databases: Databases,
    private readonly random: Random,
    private readonly oneOf: OneOf,
    /** How txNos of the workload begin: others may call user, too. */
    private readonly name: string,
  ) {}

  next(sent: Sent): SentRegistration {
    const isWanted = this.random.chance(0.15);
    const name = isWanted ? `wanted-${this.random.whole(1, WANTED_NAMES)}` : sent.txNo;
    return { ...newTwoPhase(sent, this.random), kind: 'REGISTRATION', name, userId: undefined };
  }

  call(one: SentRegistration): Promise<number> | undefined {
    const url = this.oneOf('user');
    return url === undefined ? undefined : this.register(url, one);
  }

  private async register(url: string, one: SentRegistration): Promise<number> {
    const { name, pattern } = one;
    const request = { pattern: pattern.toLowerCase(), name, password: PASSWORD };
    const { status, body } = await askFor(`${url}/registrations`, request, one);
    if (typeof body?.userId === 'string') one.userId = body.userId;
    return status;
  }

  async open(): Promise<number> {
    const [row] = await this.databases.query<{ n: string }>(
      `SELECT (SELECT COUNT(*) FROM ${USER}.registration WHERE state = 'OPEN')
         + (SELECT COUNT(*) FROM ${IDENTITY}.account WHERE state = 'RESERVED') AS n`,
    );
    return Number(row?.n);
  }

  async judge(sent: readonly SentRegistration[]): Promise<Violation[]> {
    const registrations = await this.rows();
    const published = await this.ofOurs<{ txNo: string }>('tx_no AS txNo', `${USER}.local_message`);
    const books = {
      registrations,
      users: await this.ofOurs<Person>(PERSON, `${USER}.user_info`),
      accounts: await this.ofOurs<AccountRow>(`${PERSON}, state`, `${IDENTITY}.account`),
      published: published.map(({ txNo }) => txNo),
    };
    return [...judgeRegistrations(sent, books), ...(await this.refusedLogins(registrations))];
  }

  async ends(): Promise<Figure[]> {
    return outcomesOf('registrations', await this.rows());
  }

  private rows(): Promise<RegistrationRow[]> {
    return this.ofOurs(`${PERSON}, pattern, state, held_name AS heldName`, `${USER}.registration`);
  }

  private ofOurs<Row>(columns: string, table: string): Promise<Row[]> {
    return this.databases.query(`SELECT ${columns} FROM ${table} WHERE tx_no LIKE '${this.name}-%'`);
  }

  /** The latest ones log in. */
  private async refusedLogins(rows: readonly RegistrationRow[]): Promise<Violation[]> {
    const violations: Violation[] = [];
    const committed = rows.filter(({ state }) => state === 'COMMITTED');
    for (const { txNo, name, userId } of committed.slice(-LOGINS_MAX)) {
      const url = this.oneOf('identity') ?? '';
      const { status, body } = await postJson(`${url}/logins`, JSON.stringify({ name, password: PASSWORD }));
      if (status === 200 && body?.userId === userId) continue;
      violations.push({ txNo, what: `${txNo} is COMMITTED, and its login is answered ${status}` });
    }
    return violations;
  }
}
