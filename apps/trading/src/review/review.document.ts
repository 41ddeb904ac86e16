import { ApiProperty } from '@nestjs/swagger';

/** The answer to an approval; a repeated call gets the same. */
export class ReviewReceipt {
  @ApiProperty({ example: '1' })
  readonly projectId!: string;

  @ApiProperty({ example: 'review-1', description: 'Made of the project: it is approved once.' })
  readonly txNo!: string;

  @ApiProperty({
    enum: ['REPAYING', 'UNKNOWN'],
    description: 'UNKNOWN, with 202: not known yet, repeat the call.',
  })
  readonly status!: 'REPAYING' | 'UNKNOWN';
}
