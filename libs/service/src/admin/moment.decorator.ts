import { applyDecorators } from '@nestjs/common';
import { IsISO8601, Matches } from 'class-validator';

const RULE = { message: 'must be a moment such as "2026-01-31T08:00:00Z"' };

/** A moment in ISO 8601, with its zone: without one it would be another moment on every server. */
export function IsMoment(): PropertyDecorator {
  return applyDecorators(Matches(/T.*(?:Z|[+-]\d\d:\d\d)$/, RULE), IsISO8601({ strict: true }, RULE));
}
