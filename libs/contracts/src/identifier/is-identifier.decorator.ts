import { ValidateBy, type ValidationOptions } from 'class-validator';
import { IDENTIFIER_RULE, isIdentifier } from './identifier.js';

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
