import { ApiProperty } from '@nestjs/swagger';
import { PROJECT_STATUSES, type ProjectEntity, type ProjectStatus } from './project.entity.js';

/** A project and its bids so far. */
export class ProjectDocument {
  @ApiProperty({ example: '1' })
  readonly projectId!: string;

  @ApiProperty({
    example: '1000.00',
    description: 'What it asks for; it is full when the bids add up to it.',
  })
  readonly amount!: string;

  @ApiProperty({ example: '1000.00' })
  readonly bidAmount!: string;

  @ApiProperty({ example: 3 })
  readonly bidCount!: number;

  @ApiProperty({ example: 3, description: 'Months.' })
  readonly terms!: number;

  @ApiProperty({ example: '6.00', description: 'Per cent a year.' })
  readonly annualRate!: string;

  @ApiProperty({ enum: PROJECT_STATUSES })
  readonly status!: ProjectStatus;
}

export function projectDocument(project: ProjectEntity): ProjectDocument {
  const { projectId, amount, bidAmount, bidCount, terms, annualRate, status } = project;
  return { projectId, amount, bidAmount, bidCount, terms, annualRate, status };
}

export class BidDocument {
  @ApiProperty()
  readonly investorNo!: string;

  @ApiProperty({ example: '500.00' })
  readonly amount!: string;
}

export class BidPage {
  @ApiProperty()
  readonly projectId!: string;

  @ApiProperty({ type: [BidDocument], description: 'In the order of their investorNo.' })
  readonly items!: BidDocument[];

  @ApiProperty({ type: String, nullable: true, description: 'Pass it as `after`; null on the last page.' })
  readonly next!: string | null;
}
