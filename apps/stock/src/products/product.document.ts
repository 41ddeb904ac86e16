import { ApiProperty } from '@nestjs/swagger';
import type { ProductEntity } from './product.entity.js';

/** A product and its pieces. */
export class ProductDocument {
  @ApiProperty({ example: '1' })
  readonly productId!: string;

  @ApiProperty({ example: 97, description: 'Pieces that can be ordered.' })
  readonly totalCount!: number;

  @ApiProperty({ example: 100, description: 'Pieces that were ever brought in.' })
  readonly openingCount!: number;
}

export function productDocument({ productId, totalCount, openingCount }: ProductEntity): ProductDocument {
  return { productId, totalCount: Number(totalCount), openingCount: Number(openingCount) };
}
