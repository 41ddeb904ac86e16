import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsIdentifier } from '@txmsg/contracts';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { FAULT_ACTIONS, FAULT_POINTS, type FaultAction, type FaultRule } from 'txmsg/faults';
import { AdminAction } from './admin-action.js';

const RULES_MAX = 100;
const TIMES_MAX = 1_000_000;
const TIMES_RULE = { message: `must be a whole number from 1 to ${TIMES_MAX}` };

/** A step of the library, or one that the service announces itself. */
const POINT = new RegExp(
  `^(?:${FAULT_POINTS.map((point) => point.replaceAll('.', '\\.')).join('|')}|service:[a-z.-]+)$`,
);

/** Where a fault strikes, and how. */
export class FaultRuleDocument implements FaultRule {
  @ApiProperty({ type: String, pattern: POINT.source })
  @Matches(POINT, { message: `must be one of ${FAULT_POINTS.join(', ')}, or a step of its own, service:…` })
  readonly point!: FaultRule['point'];

  @ApiProperty({ enum: FAULT_ACTIONS })
  @IsIn(FAULT_ACTIONS, { message: `must be one of ${FAULT_ACTIONS.join(', ')}` })
  readonly action!: FaultAction;

  @ApiPropertyOptional({ description: 'How many passes are hit.', default: 1, minimum: 1 })
  @ValidateIf((rule: FaultRuleDocument) => rule.times !== undefined)
  @IsInt(TIMES_RULE)
  @Min(1, TIMES_RULE)
  @Max(TIMES_MAX, TIMES_RULE)
  readonly times?: number;

  @ApiPropertyOptional({ description: 'Only passes of this txNo.' })
  @ValidateIf((rule: FaultRuleDocument) => rule.txNo !== undefined)
  @IsIdentifier()
  readonly txNo?: string;
}

/** The body of `POST …/admin/faults`. */
export class FaultsRequest extends AdminAction {
  @ApiProperty({ type: [FaultRuleDocument], description: 'These rules and no others; none: no more faults.' })
  @IsArray({ message: 'must be a list of fault rules' })
  @ArrayMaxSize(RULES_MAX, { message: `must have at most ${RULES_MAX} rules` })
  // ValidateNested takes a list for a rule whose fields are all right.
  @IsObject({ each: true, message: 'must be a list of fault rules' })
  @ValidateNested({ each: true, message: 'must be a fault rule' })
  @Type(() => FaultRuleDocument)
  readonly rules!: FaultRuleDocument[];
}

export class FaultRuleStateDocument extends PickType(FaultRuleDocument, [
  'point',
  'action',
  'times',
  'txNo',
]) {
  @ApiProperty({ description: 'How many passes it will still hit.' })
  readonly left!: number;
}

/** The faults of this instance; others have their own. */
export class FaultsDocument {
  @ApiProperty({ description: 'Whether the service was started with fault injection.' })
  readonly enabled!: boolean;

  @ApiProperty({ type: [FaultRuleStateDocument] })
  readonly rules!: readonly FaultRuleStateDocument[];
}
