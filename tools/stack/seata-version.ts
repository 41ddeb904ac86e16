import { StackError } from './stack-error.js';

/**
 * The coordinators that the stack can run. 1.8.0 keeps its transactions in files, and rolls branches back in the reverse
 * order of their registration; 2.0.0 keeps them in MySQL, and rolls back in the order of registration (apache/seata #6120).
 */
export const SEATA_VERSIONS = ['1.8.0', '2.0.0-db'] as const;
export type SeataVersion = (typeof SEATA_VERSIONS)[number];

export const DEFAULT_SEATA_VERSION: SeataVersion = '1.8.0';

export function isSeataVersion(text: unknown): text is SeataVersion {
  return SEATA_VERSIONS.some((version) => version === text);
}

/** @throws StackError for any other text */
export function seataVersionOf(text: string | undefined): SeataVersion {
  if (isSeataVersion(text)) return text;
  throw new StackError(
    `There is no coordinator "${text ?? ''}": ${SEATA_VERSIONS.join(' or ')} was expected.`,
  );
}

/** As the registry of Maven calls it. */
export function releaseOf(version: SeataVersion): string {
  return version.replace('-db', '');
}

/** Whether it keeps its transactions in MySQL. */
export function needsDatabase(version: SeataVersion): boolean {
  return version.endsWith('-db');
}
