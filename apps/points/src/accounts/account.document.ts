import { ApiProperty } from '@nestjs/swagger';

/** The points of a user. */
export class AccountDocument {
  @ApiProperty({ example: '7f0c6a1e-5f0b-4b1c-9f63-0d6a3d0f2b1a' })
  readonly userId!: string;

  @ApiProperty({ example: 100 })
  readonly points!: number;
}
