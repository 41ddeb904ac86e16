import { ValidateBy, type ValidationOptions } from 'class-validator';

/** Half a surrogate pair has no UTF-8, so that two passwords would have one hash. */
const PASSWORD = /^[^\p{Cs}]{8,128}$/u;

export const PASSWORD_RULE = 'must be a string of 8 to 128 characters';

/** The property is a password. Give it a `context` that keeps it out of answers. */
export function IsPassword(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown): boolean => typeof value === 'string' && PASSWORD.test(value);
  return ValidateBy(
    { name: 'isPassword', validator: { validate, defaultMessage: () => PASSWORD_RULE } },
    options,
  );
}
