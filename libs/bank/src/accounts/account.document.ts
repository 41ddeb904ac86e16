import { ApiProperty } from '@nestjs/swagger';
import { ACCOUNT_STATUSES, type AccountStatus } from './account.entity.js';

/** An account as the API shows it. */
export class AccountDocument {
  @ApiProperty({ example: '1' })
  readonly accountNo!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null when it has no name.', example: '张三' })
  readonly accountName!: string | null;

  @ApiProperty({ description: 'A decimal string.', example: '10000.00' })
  readonly balance!: string;

  @ApiProperty({ enum: ACCOUNT_STATUSES })
  readonly status!: AccountStatus;
}
