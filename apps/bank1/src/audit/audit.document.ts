import { ApiProperty } from '@nestjs/swagger';
import type { AuditReport } from '@txmsg/bank/audit';

const AMOUNT = { type: 'string', example: '10000.00' } as const;
const OF_BOTH = { type: 'object', properties: { bank1: AMOUNT, bank2: AMOUNT } } as const;

/** The answer of `GET /bank1/admin/audit`. */
export class AuditDocument implements AuditReport {
  @ApiProperty({ description: 'False when there is any disagreement.' })
  readonly agrees!: boolean;

  @ApiProperty({ enum: ['ONE_SNAPSHOT', 'THREE_SNAPSHOTS'] })
  readonly reading!: AuditReport['reading'];

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
            kind: { type: 'string', enum: ['ACCOUNT', 'TRANSFER', 'TOTAL'] },
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
  readonly disagreements!: AuditReport['disagreements'];

  @ApiProperty({
    description:
      'Credits at bank2 that this bank has no debit for. Unless FOREIGN_SENDERS is on, each is a disagreement too.',
    type: 'object',
    properties: {
      count: { type: 'integer' },
      sum: AMOUNT,
      listed: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            txNo: { type: 'string' },
            accountNo: { type: 'string' },
            toAccountNo: { type: 'string' },
            amount: AMOUNT,
          },
        },
      },
    },
  })
  readonly foreignCredits!: AuditReport['foreignCredits'];

  @ApiProperty({
    description:
      'Money from outside, and the top-ups about which message, answer and expectation differ: each is credited at most once, as its state says.',
    type: 'object',
    properties: {
      credited: { type: 'object', properties: { count: { type: 'integer' }, sum: AMOUNT } },
      contradicted: {
        type: 'object',
        properties: {
          count: { type: 'integer' },
          listed: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                txNo: { type: 'string' },
                accountNo: { type: 'string' },
                amount: AMOUNT,
                state: { type: 'string' },
                contradiction: { type: 'string' },
              },
            },
          },
        },
      },
    },
  })
  readonly topUps!: AuditReport['topUps'];

  @ApiProperty({
    description: 'Where the money is; `missing` is 0.00 unless some appeared or disappeared.',
    type: 'object',
    properties: {
      opening: OF_BOTH,
      balance: OF_BOTH,
      sent: AMOUNT,
      received: AMOUNT,
      inFlight: AMOUNT,
      refused: AMOUNT,
      missing: AMOUNT,
    },
  })
  readonly money!: AuditReport['money'];

  @ApiProperty({
    description: 'How many transfers were compared.',
    type: 'object',
    properties: { bank1: { type: 'integer' }, bank2: { type: 'integer' } },
  })
  readonly transfers!: AuditReport['transfers'];
}
