import { ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * txNo and account numbers: 1 to 64 characters that need no escaping in URLs, logs or message keys. "." and ".." are none: as
 * the last part of a path every client takes them for "this folder" and "the one above" (WHATWG URL), also when they are
 * escaped, so that nobody could ask about such a transaction.
 */
export const IDENTIFIER_PATTERN = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,64}$/;

export const IDENTIFIER_RULE =
  'must be a string of 1 to 64 characters out of A-Z, a-z, 0-9, ".", "_", ":" and "-", and neither "." nor ".."';

export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && IDENTIFIER_PATTERN.test(value);
}

/** The property is a txNo or an account number. */
export function IsIdentifier(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isIdentifier',
      validator: { validate: isIdentifier, defaultMessage: () => IDENTIFIER_RULE },
    },
    options,
  );
}
