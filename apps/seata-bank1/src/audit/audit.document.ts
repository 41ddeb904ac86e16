import { ApiProperty } from '@nestjs/swagger';
import type { BoundedList, Disagreement, Holding } from '@txmsg/bank/audit';

const AMOUNT = { type: 'string', example: '10000.00' } as const;
const TOTALS = {
  type: 'object',
  properties: { opening: AMOUNT, balance: AMOUNT, reserved: AMOUNT },
} as const;
const SUMMED = { type: 'object', properties: { count: { type: 'integer' }, sum: AMOUNT } } as const;

type Totals = Holding & { readonly opening: string };
interface Summed {
  readonly count: number;
  readonly sum: string;
}

/** The answer of `GET /bank1/admin/audit`. */
export class AuditDocument {
  @ApiProperty({ description: 'False when there is any disagreement.' })
  readonly agrees!: boolean;

  @ApiProperty({
    description: 'How many there are, and the first of them: where, what is there, and what should be.',
    type: 'object',
    properties: {
      count: { type: 'integer' },
      listed: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            kind: { type: 'string', enum: ['ACCOUNT', 'TRANSFER'] },
            bank: { type: 'string', enum: ['bank1', 'bank2'] },
            accountNo: { type: 'string' },
            txNo: { type: 'string' },
            found: { type: 'string' },
            expected: { type: 'string' },
          },
          required: ['kind', 'found', 'expected'],
        },
      },
    },
  })
  readonly disagreements!: BoundedList<Disagreement>;

  @ApiProperty({
    description:
      'The sums of each bank, at slightly different moments. bank1 has subtracted what is reserved from its balances; at bank2 it is room for what will be credited.',
    type: 'object',
    properties: { bank1: TOTALS, bank2: TOTALS },
  })
  readonly accounts!: Readonly<Record<'bank1' | 'bank2', Totals>>;

  @ApiProperty({
    description:
      'Transfers that both banks have committed, and those whose phase two has not run everywhere.',
    type: 'object',
    properties: { committed: SUMMED, inFlight: SUMMED },
  })
  readonly transfers!: Readonly<Record<'committed' | 'inFlight', Summed>>;
}
