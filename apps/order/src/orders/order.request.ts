import { ApiProperty } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier, IsPayCount, PAY_COUNT_MAX } from '@txmsg/contracts';
import { Transform } from 'class-transformer';

/** The body of `POST /order/orders` and of the classic `POST /order/submitOrder`. */
export class OrderRequest {
  /** Classic callers write a number. One that JavaScript cannot hold exactly is refused, since its digits are lost here. */
  @ApiProperty({ example: '1', pattern: IDENTIFIER_PATTERN.source, description: 'A whole number too.' })
  @Transform(({ value }: { value: unknown }) => (Number.isSafeInteger(value) ? String(value) : value))
  @IsIdentifier()
  readonly productId!: string;

  @ApiProperty({ example: 3, type: 'integer', minimum: 1, maximum: PAY_COUNT_MAX })
  @IsPayCount()
  readonly payCount!: number;
}
