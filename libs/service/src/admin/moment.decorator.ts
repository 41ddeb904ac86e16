import { applyDecorators } from '@nestjs/common';
import { IsISO8601, Matches, ValidateBy } from 'class-validator';

const RULE = { message: 'must be a moment such as "2026-01-31T08:00:00Z"' };

/** A moment in ISO 8601, with its zone: without one it would be another moment on every server. */
export function IsMoment(): PropertyDecorator {
  return applyDecorators(
    Matches(/T.*(?:Z|[+-]\d\d:\d\d)$/, RULE),
    IsISO8601({ strict: true }, RULE),
    // Date reads only a part of ISO 8601: no basic format, no weeks, no comma.
    ValidateBy({ name: 'isReadableMoment', validator: { validate: isReadable } }, RULE),
  );
}

/** Years beyond 9999 have no form in MySQL. */
function isReadable(text: unknown): boolean {
  const year = new Date(String(text)).getUTCFullYear();
  return year >= 0 && year <= 9999;
}
