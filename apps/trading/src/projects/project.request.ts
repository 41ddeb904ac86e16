import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  HTTP_AMOUNT_RULE,
  IDENTIFIER_PATTERN,
  IsHttpAmount,
  IsIdentifier,
  IsProjectId,
  IsRate,
  IsTerms,
  PROJECT_ID_PATTERN,
  RATE_RULE,
  TERMS_RULE,
} from '@txmsg/contracts';
import { AdminAction } from '@txmsg/service';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsObject,
  Matches,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

export const BIDS_AT_ONCE_MAX = 500;

/** The body of `POST /trading/projects`. */
export class ProjectRequest extends AdminAction {
  @ApiProperty({ pattern: PROJECT_ID_PATTERN.source })
  @IsProjectId()
  readonly projectId!: string;

  // With the interest of the longest and dearest loan it still fits the tables of repayment.
  @ApiProperty({ description: `${HTTP_AMOUNT_RULE}; at most 12 digits before the point`, example: '1000.00' })
  @Matches(/^\d{1,12}(?:\.|$)/, { message: 'must have at most 12 digits before the point' })
  @IsHttpAmount()
  readonly amount!: string;

  @ApiProperty({ description: `Months: ${TERMS_RULE}`, example: 12 })
  @IsTerms()
  readonly terms!: number;

  @ApiProperty({ description: RATE_RULE, example: '6.00' })
  @IsRate()
  readonly annualRate!: string;
}

export class BidRequest {
  @ApiProperty({ pattern: IDENTIFIER_PATTERN.source })
  @IsIdentifier()
  readonly investorNo!: string;

  @ApiProperty({ description: HTTP_AMOUNT_RULE, example: '500.00' })
  @IsHttpAmount()
  readonly amount!: string;
}

/** The body of `POST /trading/projects/:projectId/bids`. */
export class BidsRequest extends AdminAction {
  @ApiProperty({
    type: [BidRequest],
    description: `1 to ${BIDS_AT_ONCE_MAX} bids, each of another investor; a body of more than about 150 needs a larger HTTP_BODY_LIMIT_BYTES.`,
  })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(BIDS_AT_ONCE_MAX)
  @ArrayUnique(({ investorNo }: BidRequest) => investorNo, { message: 'must name each investor once' })
  // ValidateNested takes a list for a bid whose fields are all right.
  @IsObject({ each: true, message: 'must be a list of bids' })
  @ValidateNested({ each: true })
  @Type(() => BidRequest)
  readonly bids!: BidRequest[];
}

/** The query of `GET /trading/projects/:projectId/bids`. */
export class BidsQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: BIDS_AT_ONCE_MAX, default: 20 })
  @Matches(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, {
    message: `must be a whole number from 1 to ${BIDS_AT_ONCE_MAX}`,
  })
  readonly limit: string = '20';

  @ApiPropertyOptional({ description: 'The `next` of the page before.', pattern: IDENTIFIER_PATTERN.source })
  @ValidateIf((query: BidsQuery) => query.after !== undefined)
  @IsIdentifier()
  readonly after?: string;
}
