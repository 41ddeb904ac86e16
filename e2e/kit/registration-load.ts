import { setTimeout as delay } from 'node:timers/promises';
import { postJson, type Answer } from './http.js';

const PAUSE_MS = 200;

/** `POST /user/register`. */
export function register(
  user: { readonly url: string },
  { txNo, name }: { readonly txNo: string; readonly name: string },
  deadlineMs?: number,
): Promise<Answer> {
  return postJson(`${user.url}/register`, JSON.stringify({ name }), { 'idempotency-key': txNo }, deadlineMs);
}

/** Somebody registers, one after another, whatever the answer is. */
export class RegistrationLoad {
  private readonly statuses: (number | undefined)[] = [];
  private readonly caller: Promise<void>;
  private isStopping = false;

  constructor(
    private readonly name: string,
    private readonly user: { readonly url: string },
  ) {
    this.caller = this.callRepeatedly();
  }

  count(status: number): number {
    return this.statuses.filter((one) => one === status).length;
  }

  /** Lets the call that is under way finish. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.caller;
  }

  private async callRepeatedly(): Promise<void> {
    for (let count = 1; !this.isStopping; count++) {
      const registration = { txNo: `${this.name}-${count}`, name: `User ${count}` };
      const status = await register(this.user, registration).then(
        (answer) => answer.status,
        () => undefined,
      );
      this.statuses.push(status);
      await delay(PAUSE_MS);
    }
  }
}
