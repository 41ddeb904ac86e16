import { setTimeout as delay } from 'node:timers/promises';
import type { RegistrationServices } from './registration-services.js';

type Seen = 'ACTIVE' | 'PENDING' | 'NOTHING' | 'UNREAD';
const PAUSE_MS = 20;

/** Looks all the while at both services, at a registration at random, and writes down every half that it sees. */
export class RegistrationReader {
  /** A usable user or account, and nothing at the other service that is read after it. */
  readonly halves: string[] = [];
  /** How many registrations it saw pending at one service, and what both said of the others. */
  readonly seen = new Map<string, number>();
  private readonly readers: Promise<void>[];
  private isStopping = false;

  constructor(
    private readonly services: RegistrationServices,
    private readonly txNos: readonly string[],
    private readonly password: string,
    readersCount = 4,
  ) {
    this.readers = Array.from({ length: readersCount }, () => this.read());
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.readers);
  }

  private async read(): Promise<void> {
    while (!this.isStopping) {
      const txNo = this.txNos[Math.floor(Math.random() * this.txNos.length)] ?? '';
      // A service that is killed gives no answer.
      await this.look(txNo).catch(() => undefined);
      await delay(PAUSE_MS);
    }
  }

  private async look(txNo: string): Promise<void> {
    const { status, body } = await this.services.registration(txNo);
    if (status !== 200) return;
    const [userId, name] = [String(body?.userId), String(body?.name)];
    if (Math.random() < 0.5) {
      const user = await this.user(userId);
      const account = await this.account(name, userId);
      this.judge(txNo, `user ${user}, then account ${account}`, user, account);
    } else {
      const account = await this.account(name, userId);
      const user = await this.user(userId);
      this.judge(txNo, `account ${account}, then user ${user}`, account, user);
    }
    if (Math.random() < 0.1) {
      const login = (await this.services.logIn(name, this.password)).body?.userId;
      if (login !== userId) return;
      const user = await this.user(userId);
      this.judge(txNo, `a login, then user ${user}`, 'ACTIVE', user);
    }
  }

  private judge(txNo: string, what: string, first: Seen, second: Seen): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
    if (first === 'ACTIVE' && second === 'NOTHING') this.halves.push(`${txNo}: ${what}`);
  }

  private async user(userId: string): Promise<Seen> {
    const { status, body } = await this.services.user(userId);
    return seen(status, body?.state);
  }

  /** The account of another user with this name is none of this registration. */
  private async account(name: string, userId: string): Promise<Seen> {
    const { status, body } = await this.services.account(name);
    return status === 200 && body?.userId !== userId ? 'NOTHING' : seen(status, body?.state);
  }
}

function seen(status: number, state: unknown): Seen {
  if (status === 404) return 'NOTHING';
  return status === 200 && (state === 'ACTIVE' || state === 'PENDING') ? state : 'UNREAD';
}
