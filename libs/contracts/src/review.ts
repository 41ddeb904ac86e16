import { ValidateBy, type ValidationOptions } from 'class-validator';

/** The states of a repayment plan. */
export const PLAN_STATES = ['PLANNING', 'READY', 'FAILED'] as const;
export type PlanState = (typeof PLAN_STATES)[number];

/** Shorter than other identifiers, so that the txNo of its approval is one too. */
export const PROJECT_ID_PATTERN = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,50}$/;
const PROJECT_ID_RULE =
  'must be a string of 1 to 50 characters out of A-Z, a-z, 0-9, ".", "_", ":" and "-", and neither "." nor ".."';

/** What an approved project asks repayment for. */
export interface ReviewContents {
  readonly projectId: string;
  /** Of all bids together. */
  readonly amount: string;
  /** How many bids there are, one of each investor. */
  readonly bidCount: number;
  /** Over how many months it is repaid: one instalment a month. */
  readonly terms: number;
  /** In per cent a year, with two decimals. */
  readonly annualRate: string;
}

/** The txNo of a project's approval: a project is approved once. */
export function reviewTxNoOf(projectId: string): string {
  return `review-${projectId}`;
}

/** Whether two reviews ask for the same plan. */
export function isSameReview(one: ReviewContents, other: ReviewContents): boolean {
  return (
    one.projectId === other.projectId &&
    one.amount === other.amount &&
    one.bidCount === other.bidCount &&
    one.terms === other.terms &&
    one.annualRate === other.annualRate
  );
}

const TERMS_MAX = 360;
export const TERMS_RULE = `must be a whole number from 1 to ${TERMS_MAX}, and no text`;
const RATE_PATTERN = /^(?:0|[1-9]\d?)\.\d{2}$/;
export const RATE_RULE = 'must be a string such as "12.50": per cent a year, from "0.00" to "99.99"';

export function isProjectId(value: unknown): value is string {
  return typeof value === 'string' && PROJECT_ID_PATTERN.test(value);
}

export function isTerms(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= TERMS_MAX;
}

export function IsProjectId(options?: ValidationOptions): PropertyDecorator {
  return rule('isProjectId', isProjectId, PROJECT_ID_RULE, options);
}

/** The property is a number of months. */
export function IsTerms(options?: ValidationOptions): PropertyDecorator {
  return rule('isTerms', isTerms, TERMS_RULE, options);
}

/** The property is a rate of interest. */
export function IsRate(options?: ValidationOptions): PropertyDecorator {
  const isRate = (value: unknown): boolean => typeof value === 'string' && RATE_PATTERN.test(value);
  return rule('isRate', isRate, RATE_RULE, options);
}

function rule(
  name: string,
  validate: (value: unknown) => boolean,
  text: string,
  options?: ValidationOptions,
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => text } }, options);
}
