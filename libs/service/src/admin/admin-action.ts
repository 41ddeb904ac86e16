import { Logger } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';

/** Letters, digits, punctuation and symbols of any script, and spaces between them. */
const ACTOR = /^(?! )[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}(?<! )$/u;
/** Anything but control characters; lines may be broken. */
const NOTE = /^(?:[^\p{Cc}\p{Cs}]|[\n\t]){0,500}$/u;

/** Who does something through the admin routes, and why: part of the body of every call that changes something. */
export class AdminAction {
  @ApiProperty({ description: 'Who does it.', example: 'alice', minLength: 1, maxLength: 64 })
  @Matches(ACTOR, { message: 'must name who does it, in 1 to 64 printable characters' })
  readonly by!: string;

  @ApiPropertyOptional({ description: 'Why.', example: 'what was missing is there', maxLength: 500 })
  @Matches(NOTE, { message: 'must be a text of at most 500 characters without control characters' })
  readonly note: string = '';
}

const logger = new Logger('Admin');

/** Every admin call that changes something says so before it begins. */
export function logAdminAction(what: string, { by, note }: AdminAction, fields: object = {}): void {
  logger.log(`Admin: ${what}.`, { ...fields, by, note });
}
