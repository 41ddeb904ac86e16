import { StackError } from '../../stack/stack-error.js';
import { PATTERNS } from './patterns.js';

/** What is compared, in the order of the tables. */
export const SIDE_NAMES = ['grpc', 'remoting', 'tcc', 'at', ...PATTERNS, 'xa'] as const;
export type SideName = (typeof SIDE_NAMES)[number];

/** @throws StackError for a name that no side has */
export function sideNamesOf(text: string): SideName[] {
  return text.split(',').map((word) => {
    const name = SIDE_NAMES.find((known) => known === word);
    if (name !== undefined) return name;
    throw new StackError(`--only is "${text}": some of ${SIDE_NAMES.join(', ')} was expected, with commas.`);
  });
}
