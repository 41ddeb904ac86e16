import { ApiProperty } from '@nestjs/swagger';
import type { ReservedAccountsReading } from '@txmsg/bank/audit';
import { CreditDocument } from '../credits/credit.document.js';

const AMOUNT = { type: 'string', example: '100.00' } as const;
const HOLDING = { type: 'object', properties: { balance: AMOUNT, reserved: AMOUNT } } as const;

/** The answer of `GET /bank2/admin/books`. */
export class BooksPage {
  @ApiProperty({
    description:
      'With the first page only: the sums, and the accounts that do not follow from their credits.',
    type: 'object',
    nullable: true,
    properties: {
      opening: AMOUNT,
      balance: AMOUNT,
      reserved: AMOUNT,
      wrongCount: { type: 'integer' },
      wrong: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            accountNo: { type: 'string' },
            present: { ...HOLDING, nullable: true },
            due: HOLDING,
          },
        },
      },
    },
  })
  readonly accounts!: ReservedAccountsReading | null;

  @ApiProperty({ type: [CreditDocument], description: 'In the order of their txNo.' })
  readonly credits!: CreditDocument[];

  @ApiProperty({ type: String, nullable: true, description: 'Pass it as `after`; null on the last page.' })
  readonly next!: string | null;
}
