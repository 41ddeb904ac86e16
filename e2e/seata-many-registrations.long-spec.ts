import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TWO_PHASE_PATTERNS, type TwoPhasePattern } from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { RegistrationReader } from './kit/registration-reader.js';
import { PASSWORD, RegistrationServices } from './kit/registration-services.js';

const REGISTRATIONS = 500;
const CALLERS = 32;
/** Who is killed, and after how many answers. */
const KILLED = [
  ['identity', 120],
  ['user', 260],
] as const;
const CALLS_MAX = 200;
/** 500 registrations, two starts of a service, and what is open afterwards, on a machine that is busy with other tests. */
const MANY_DEADLINE_MS = 15 * 60_000;
const PAUSE_MS = 300;

describe.each(TWO_PHASE_PATTERNS)('a registration under %s', (pattern) => {
  let services: RegistrationServices;

  beforeAll(async () => {
    services = await RegistrationServices.create(`many_${pattern.toLowerCase()}`, await sharedCoordinator());
    await services.startBoth();
  }, MANY_DEADLINE_MS);
  afterAll(() => services.close());

  it(
    'of many at once, with repeated keys, equal names and two kills, is made at both or at neither, and no reader sees a half',
    async () => {
      const orders = manyOrders();
      const reader = new RegistrationReader(
        services,
        orders.map(({ txNo }) => txNo),
        PASSWORD,
      );
      const answers: { txNo: string; statuses: number[]; code: unknown }[] = [];
      const waiting = [...orders];
      const caller = async (): Promise<void> => {
        for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
          answers.push({ txNo: order.txNo, ...(await registerPatiently(services, pattern, order)) });
        }
      };
      const killer = async (): Promise<void> => {
        for (const [name, after] of KILLED) {
          await eventually(() => answers.length >= after, { timeoutMs: 300_000 });
          await services.replace(name);
        }
      };
      await Promise.all([killer(), ...Array.from({ length: CALLERS }, caller)]);
      await services.ended();
      await reader.stop();
      expect(reader.halves).toEqual([]);

      // Each name belongs to somebody: whoever was refused was so because somebody else has it.
      const names = (await services.expectAgreement()).filter((name) => name.startsWith('Many'));
      expect(names).toEqual([...new Set(orders.map(({ name }) => name))].sort());
      const made = new Set(
        (await services.query<{ txNo: string }>('user', 'SELECT tx_no AS txNo FROM user_info')).map(
          ({ txNo }) => txNo,
        ),
      );
      const wrong = answers.filter(({ txNo, statuses, code }) => {
        const isMade = [200, 201].includes(statuses.at(-1) ?? 0);
        return isMade ? !made.has(txNo) : code !== 'NAME_TAKEN';
      });
      expect(wrong).toEqual([]);
      expect(answers.flatMap(({ statuses }) => statuses)).not.toContain(500);
      const published = new Set(await services.published());
      expect([...made].filter((txNo) => published.has(txNo) !== (pattern === 'TCC'))).toEqual([]);
      // The readers have looked at what was under way, and not only at what was there or not.
      expect([...reader.seen.keys()].some((what) => what.includes('PENDING'))).toBe(true);
    },
    MANY_DEADLINE_MS,
  );
});

/** 20 % repeat the key of another, 10 % have the name of another. */
function manyOrders(): { txNo: string; name: string }[] {
  return Array.from({ length: REGISTRATIONS }, (_, index) => {
    const repeated = index % 5 === 4 ? index - 2 : index;
    const named = index % 10 === 3 ? index - 1 : repeated;
    return { txNo: `many-${repeated}`, name: `Many ${named}` };
  });
}

/** As a caller does who wants to know: the same key again, until user and account are there or the name is somebody else's. */
async function registerPatiently(
  services: RegistrationServices,
  pattern: TwoPhasePattern,
  order: { readonly txNo: string; readonly name: string },
): Promise<{ statuses: number[]; code: unknown }> {
  const statuses: number[] = [];
  for (let calls = 1; ; calls++) {
    const answer = await services.register(pattern, order).catch(() => undefined);
    statuses.push(answer?.status ?? 0);
    const code = answer?.body?.code;
    // A name is also refused while a registration is open that may be rolled back; its own caller goes on.
    if (answer?.status === 200 || answer?.status === 201 || code === 'NAME_TAKEN' || calls === CALLS_MAX)
      return { statuses, code };
    await delay(PAUSE_MS);
  }
}
