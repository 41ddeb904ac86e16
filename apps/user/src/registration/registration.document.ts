import { ApiProperty } from '@nestjs/swagger';

/** A registration that is stored; the message about it is, too. */
export class RegistrationReceipt {
  @ApiProperty({ description: 'A random UUID.', example: '7f0c6a1e-5f0b-4b1c-9f63-0d6a3d0f2b1a' })
  readonly userId!: string;

  @ApiProperty({ description: 'Without the spaces around it.', example: '张三' })
  readonly name!: string;

  @ApiProperty({ description: 'Names the registration.' })
  readonly txNo!: string;
}

/** It is not known yet whether the user was registered. */
export class UnknownRegistration {
  @ApiProperty({ description: 'Repeat the call with this as its `Idempotency-Key`.' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly state!: 'UNKNOWN';
}
