import { ValidateBy, type ValidationOptions } from 'class-validator';
import { AMOUNT_RULE, HTTP_AMOUNT_RULE, isHttpAmount, isNormalAmount } from './amount.js';

/** The property of an event is an amount, already normalised by `@AmountText()`. */
export function IsAmount(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    { name: 'isAmount', validator: { validate: isNormalAmount, defaultMessage: () => AMOUNT_RULE } },
    options,
  );
}

/** The field of an HTTP request is an amount. */
export function IsHttpAmount(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    { name: 'isHttpAmount', validator: { validate: isHttpAmount, defaultMessage: () => HTTP_AMOUNT_RULE } },
    options,
  );
}
