import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { SeataBank, TwoPhasePattern } from '@txmsg/contracts';
import { Deadline } from 'txmsg';
import type { FaultRule } from 'txmsg/faults';
import { freePort } from '../../tools/stack/ports.js';
import { CREDIT_FAULT_POINTS } from '../../apps/seata-bank2/src/credits/credit.fault-points.js';
import { TRANSFER_FAULT_POINTS } from '../../apps/seata-bank1/src/transfers/transfer.fault-points.js';
import { SEATA_FAULT_POINTS } from '../../libs/seata/src/seata-fault-point.js';
import { Admin, ADMIN_SETTINGS } from './admin.js';
import type { Answer } from './http.js';
import type { SeataBanks } from './seata-banks.js';
import type { ServiceProcess } from './service-process.js';

/** One bank is killed at one step of a transfer. */
export interface Crash {
  readonly bank: SeataBank;
  readonly point: FaultRule['point'];
}

const KILLED_WITHIN_MS = 60_000;
/** A branch's phase two under AT comes up to a second later. */
const PAUSE_MS = 2000;
const POLL_MS = 20;
/** With CLASSIC_FAULTS bank1 fails a transfer of this amount after bank2 was called. */
const ROLLED_BACK_AMOUNT = '2.00';
const COMMITTED_AMOUNT = '1.00';

const isOfRollback = (point: string): boolean => /rollback|rolled-back|cancel/.test(point);

/** Steps of phase two, and of deciding it. */
export function isOfPhaseTwo({ point }: Crash): boolean {
  return (
    isOfRollback(point) || /seata\.(?:tm\.(?!begun)|rm\.commit|tcc\.confirm|at\.commit-deleted)/.test(point)
  );
}

/** Every step that a transfer under this pattern meets, at each bank that meets it. */
export function crashesOf(pattern: TwoPhasePattern): Crash[] {
  const other = pattern === 'AT' ? 'seata.tcc.' : 'seata.at.';
  const shared = SEATA_FAULT_POINTS.filter((point) => !point.includes(other));
  const ofBoth = shared.filter((point) => !point.includes('seata.tm.'));
  const ofFirst = [...TRANSFER_FAULT_POINTS, ...shared.filter((point) => point.includes('seata.tm.'))];
  return [
    ...[...ofFirst, ...ofBoth].map((point) => ({ bank: 'seata-bank1' as const, point })),
    ...[...CREDIT_FAULT_POINTS, ...ofBoth].map((point) => ({ bank: 'seata-bank2' as const, point })),
  ];
}

/** Two banks that are killed and come back at the same addresses. */
export class CrashingBanks {
  private readonly answers = new Map<string, Answer | undefined>();
  private number = 0;

  private constructor(
    readonly banks: SeataBanks,
    private readonly pattern: TwoPhasePattern,
    private readonly ports: Readonly<Record<SeataBank, number>>,
    private readonly running: Record<SeataBank, ServiceProcess>,
  ) {}

  static async start(banks: SeataBanks, pattern: TwoPhasePattern): Promise<CrashingBanks> {
    const ports = { 'seata-bank1': await freePort(), 'seata-bank2': await freePort() };
    const start = (bank: SeataBank): Promise<ServiceProcess> => banks.start(bank, settingsOf(bank, ports));
    const running = { 'seata-bank2': await start('seata-bank2'), 'seata-bank1': await start('seata-bank1') };
    return new CrashingBanks(banks, pattern, ports, running);
  }

  /** Plays a transfer in which a bank is killed, and starts that bank again. @throws Error when the step is never met */
  async play({ bank, point }: Crash): Promise<void> {
    const victim = this.running[bank];
    await new Admin(victim).meetFaults({ point, action: 'kill' });
    // Under AT, a transfer before this one may still hold the accounts' rows: this one is rolled back then, and tried anew.
    const amount = isOfRollback(point) ? ROLLED_BACK_AMOUNT : COMMITTED_AMOUNT;
    await victim.killedAt(point, () => this.transfer(amount));
    await this.restart(bank);
  }

  /** Calls `killServer` while a bank stands at one step of a transfer. @throws Error when the step is never met */
  async playServerCrash({ bank, point }: Crash, killServer: () => Promise<void>): Promise<void> {
    const admin = new Admin(this.running[bank]);
    await admin.meetFaults({ point, action: 'hang' });
    const deadline = Deadline.in(KILLED_WITHIN_MS);
    const isMet = async (): Promise<boolean> => {
      const { body } = await admin.get('faults');
      return (body?.rules as { left: number }[] | undefined)?.every(({ left }) => left === 0) ?? false;
    };
    for (;;) {
      if (deadline.hasPassed()) throw new Error(`${bank} was never at ${point}`);
      const transfer = this.transfer(isOfRollback(point) ? ROLLED_BACK_AMOUNT : COMMITTED_AMOUNT);
      // A step of phase two under AT may come after the answer.
      const isOver = transfer.then(() => delay(PAUSE_MS, true));
      while (!(await isMet()) && !(await Promise.race([isOver, delay(POLL_MS, false)])));
      const isThere = await isMet();
      if (isThere) await killServer();
      await transfer;
      if (isThere) return;
    }
  }

  async restart(bank: SeataBank): Promise<void> {
    this.running[bank] = await this.banks.start(bank, settingsOf(bank, this.ports));
  }

  /** A bank that is killed answers nothing. */
  async transfer(amount = COMMITTED_AMOUNT): Promise<void> {
    this.number += 1;
    const txNo = `${this.pattern}-${this.number}`;
    const answer = await this.banks
      .transfer(this.running['seata-bank1'], this.pattern, { txNo, amount })
      .catch(() => undefined);
    this.answers.set(txNo, answer);
  }

  /** Waits until everything has ended; both banks agree, and with what callers were told. @returns how many were committed */
  async expectAllEnded(): Promise<number> {
    await this.banks.ended();
    const committed = await this.banks.expectAgreement();
    const rows = await this.banks.query<{ txNo: string; state: string }>(
      'seata-bank1',
      'SELECT tx_no AS txNo, state FROM transfer',
    );
    const states = new Map(rows.map(({ txNo, state }) => [txNo, state]));
    const lies = [...this.answers].filter(([txNo, answer]) => {
      const state = states.get(txNo);
      if (answer?.status === 201) return state !== 'COMMITTED';
      return (answer?.status === 409 || answer?.status === 503) && state === 'COMMITTED';
    });
    expect(lies.map(([txNo, answer]) => [txNo, answer?.text, states.get(txNo)])).toEqual([]);
    return committed;
  }
}

function settingsOf(bank: SeataBank, ports: Readonly<Record<SeataBank, number>>): Record<string, string> {
  return {
    ...ADMIN_SETTINGS,
    PORT: String(ports[bank]),
    ...(bank === 'seata-bank1' && { BANK2_URL: `http://127.0.0.1:${ports['seata-bank2']}` }),
  };
}
