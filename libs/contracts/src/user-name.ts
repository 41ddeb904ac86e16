import { ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * Control characters would break logs and pages. Half a surrogate pair cannot be stored as UTF-8: what comes back is another
 * name, and a repeated registration would find other contents. With the flag `u` one character is one code point, as in
 * VARCHAR(100).
 */
const USER_NAME = /^[^\p{Cc}\p{Cs}]{1,100}$/u;

export const USER_NAME_RULE =
  'must be a string of 1 to 100 characters without control characters; spaces around them do not count';

/** The name as it is stored and compared. */
export function normalizeUserName(value: unknown): unknown {
  return typeof value === 'string' ? value.trim() : value;
}

/** Whether it is a user's name, already normalised. */
export function isUserName(value: unknown): value is string {
  return typeof value === 'string' && USER_NAME.test(value);
}

/** The property is a user's name, already normalised. */
export function IsUserName(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    { name: 'isUserName', validator: { validate: isUserName, defaultMessage: () => USER_NAME_RULE } },
    options,
  );
}
