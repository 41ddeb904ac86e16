import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { CUSTODY_WEBHOOK, TOP_UP_WEBHOOK } from '@txmsg/contracts';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  ValidateIf,
} from 'class-validator';

/** What there is to hear of. */
const WEBHOOK_TYPES = [TOP_UP_WEBHOOK, CUSTODY_WEBHOOK] as const;

/** Left out, it stays; null takes it back to what the service's settings say. */
const IfGiven = (field: string): PropertyDecorator =>
  ValidateIf((request: Record<string, unknown>) => request[field] !== undefined);

class SubscriberFields {
  @ApiProperty({ example: 'shop of Example Ltd', description: 'No two subscribers have the same.' })
  @IsString({ message: 'must be a text' })
  readonly name!: string;

  @ApiProperty({
    example: 'https://example.com/hooks/results',
    description:
      '`https`, without user and fragment, at a public address unless `allowPrivateAddresses` says otherwise.',
  })
  @IsString({ message: 'must be a text' })
  readonly url!: string;

  @ApiProperty({ enum: WEBHOOK_TYPES, isArray: true, description: 'What it hears of.' })
  @IsArray({ message: 'must be a list' })
  @IsIn(WEBHOOK_TYPES, { each: true, message: `must each be one of ${WEBHOOK_TYPES.join(', ')}` })
  readonly events!: readonly string[];

  @ApiPropertyOptional({
    type: [Number],
    nullable: true,
    example: [60, 300, 600],
    description: 'The pauses between calls, in seconds, instead of those of the settings.',
  })
  @IsOptional()
  @IsArray({ message: 'must be a list of seconds' })
  @ArrayMaxSize(20, { message: 'must have at most 20 pauses' })
  readonly ladder?: readonly number[] | null;

  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 0, maximum: 0.5 })
  @IsOptional()
  @IsNumber({}, { message: 'must be a number from 0 to 0.5' })
  readonly jitter?: number | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'success',
    description: 'Only an answer 2xx with exactly this body acknowledges; left out, every 2xx does.',
  })
  @IsOptional()
  @IsString({ message: 'must be a text' })
  readonly expectBody?: string | null;

  @ApiPropertyOptional({
    description: 'It may be at a private address, and at an `http` URL.',
    default: false,
  })
  @IfGiven('allowPrivateAddresses')
  @IsBoolean({ message: 'must be true or false' })
  readonly allowPrivateAddresses?: boolean;
}

/** The body of `POST …/subscribers`. */
export class NewSubscriberRequest extends SubscriberFields {
  /** Checked by the library, whose message does not show it. */
  @ApiProperty({ description: '`whsec_` and 24 to 64 bytes in base64; never shown again.' })
  @Allow()
  readonly secret!: string;
}

/** The body of `PATCH …/subscribers/:id`: what is left out stays. */
export class SubscriberChangeRequest extends PartialType(SubscriberFields, { skipNullProperties: false }) {
  @ApiPropertyOptional({ enum: ['ACTIVE', 'OFF'], description: 'Switches its calls on or off.' })
  @IfGiven('state')
  @IsIn(['ACTIVE', 'OFF'], { message: 'must be ACTIVE or OFF' })
  readonly state?: 'ACTIVE' | 'OFF';
}

/** The body of `POST …/subscribers/:id/secrets`. */
export class NewSecretRequest extends PickType(NewSubscriberRequest, ['secret']) {
  @ApiPropertyOptional({
    default: 86_400,
    minimum: 0,
    maximum: 2_592_000,
    description: 'How long calls are also signed with the secret before, in seconds.',
  })
  @IfGiven('previousValidSeconds')
  @IsInt({ message: 'must be a whole number of seconds' })
  readonly previousValidSeconds?: number;
}
