import { ApiProperty } from '@nestjs/swagger';
import { TOP_UP_RESULTS, type TopUpResult, type TopUpResultMessage } from '@txmsg/contracts';

/** A payment that has ended, in the words of the classic service; the message about it says the same. */
export class PaymentDocument implements TopUpResultMessage {
  @ApiProperty({ description: 'The txNo of the payment.', example: '5f8f8c44-9d0b-4d8e-8a57-0e1d0b0f8f5a' })
  readonly id!: string;

  @ApiProperty({ example: '1' })
  readonly accountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly payAmount!: string;

  @ApiProperty({ enum: TOP_UP_RESULTS, description: 'Final; `fail` moves no money.' })
  readonly result!: TopUpResult;
}

/** It is not known yet whether the payment was made. */
export class UnknownPayment {
  @ApiProperty({ description: 'Repeat the call with this txNo, as its `Idempotency-Key` or as `txNo`.' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly state!: 'UNKNOWN';
}
