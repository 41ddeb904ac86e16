import { creditAll, debitAll } from '@txmsg/bank';
import { IsString, Matches } from 'class-validator';
import type { EntityManager } from 'typeorm';

/** What travels, whatever the pattern. */
export class Payment {
  @IsString() readonly txNo!: string;
  @IsString() readonly accountNo!: string;
  @Matches(/^\d{1,17}\.\d{2}$/) readonly amount!: string;
}

/** The same statements for every pattern, so that the patterns are all that differs: a row for each payment, the debits. */
export async function payAll(payments: readonly Payment[], manager: EntityManager): Promise<void> {
  await insertRows(payments, manager);
  assertDone(await debitAll(manager, payments));
}

export async function receiveAll(payments: readonly Payment[], manager: EntityManager): Promise<void> {
  await insertRows(payments, manager);
  assertDone(await creditAll(manager, payments));
}

async function insertRows(payments: readonly Payment[], manager: EntityManager): Promise<void> {
  await manager.query(
    `INSERT INTO payment (tx_no) VALUES ${payments.map(() => '(?)').join(', ')}`,
    payments.map(({ txNo }) => txNo),
  );
}

/** The accounts of the benchmark are rich and never frozen. */
function assertDone(outcomes: readonly string[]): void {
  const refused = outcomes.find((outcome) => outcome !== 'DONE');
  if (refused !== undefined) throw new Error(`a payment was refused: ${refused}`);
}
