import { ApiProperty } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { AdminAction } from '@txmsg/service';
import { IsInt, Max, Min } from 'class-validator';
import { Transform } from 'class-transformer';

const COUNT_MAX = 1_000_000_000;
const COUNT_RULE = `must be a whole number from 0 to ${COUNT_MAX}`;

/** The body of `POST /stock/products`. */
export class ProductRequest extends AdminAction {
  @ApiProperty({ example: '1', pattern: IDENTIFIER_PATTERN.source, description: 'A whole number too.' })
  @Transform(({ value }: { value: unknown }) => (Number.isSafeInteger(value) ? String(value) : value))
  @IsIdentifier()
  readonly productId!: string;

  @ApiProperty({ example: 100, minimum: 0, maximum: COUNT_MAX })
  @IsInt({ message: COUNT_RULE })
  @Min(0, { message: COUNT_RULE })
  @Max(COUNT_MAX, { message: COUNT_RULE })
  readonly count!: number;
}
