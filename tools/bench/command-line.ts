import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { StackError } from '../stack/stack-error.js';

export const TEXT = { type: 'string' } as const;
export const TEXTS = { type: 'string', multiple: true } as const;

/** @throws StackError that names what is wrong; so do all below */
export function valuesOf<Options extends NonNullable<ParseArgsConfig['options']>>(
  parameters: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options }>>['values'] {
  try {
    return parseArgs({ args: [...parameters], options }).values;
  } catch (error) {
    throw new StackError(error instanceof Error ? error.message : String(error));
  }
}

export function pathOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : resolve(text);
}

export function settingsOf(texts: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new StackError(`--set is "${text}": NAME=VALUE was expected.`);
      }
      return [name, value];
    }),
  );
}

export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d{1,7}$/.test(text) && value >= min && value <= max) return value;
  throw new StackError(`${name} is "${text}": a whole number from ${min} to ${max} was expected.`);
}

export function decimalNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d{1,7}(\.\d+)?$/.test(text) && value >= min && value <= max) return value;
  throw new StackError(`${name} is "${text}": a number from ${min} to ${max} was expected.`);
}
