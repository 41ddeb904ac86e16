import type { DataSource } from 'typeorm';
import { isDuplicateEntry, isLockConflict, isSchemaMismatch } from '../database/index.js';

/** What a name stands for: the barrier's scope is the name of a producer group or of a consumer group. */
export interface ScopeUse {
  readonly scope: string;
  readonly role: 'PRODUCER' | 'CONSUMER';
  readonly topic: string;
}

interface RecordedUse extends ScopeUse {
  readonly since: string;
}

/** A round is repeated when another process claimed the same name at the same moment. */
const ROUNDS_MAX = 10;

const CONSEQUENCE =
  'Each would take the barrier rows of the other for its own, and so acknowledge messages, or answer sends, as duplicates without doing anything.';

/**
 * One sentence for every name that this service itself uses in two roles or for two transactional topics. Two
 * listeners of one consumer group are reported by the listeners' registry.
 */
export function conflictsWithin(uses: readonly ScopeUse[]): string[] {
  return uses.flatMap((use, index) => {
    const earlier = uses.slice(0, index).find((other) => other.scope === use.scope && !isSame(other, use));
    if (earlier === undefined || (earlier.role === 'CONSUMER' && use.role === 'CONSUMER')) return [];
    return [
      `"${use.scope}" is the ${nameOf(earlier)} and the ${nameOf(use)}. ${CONSEQUENCE} Give each a name of its own.`,
    ];
  });
}

/**
 * What `claimScopes` would answer now, without recording anything: for a report that comes before every change. Nothing
 * when the table cannot be read, which is a finding of its own.
 * @throws when the database is away
 */
export async function conflictsInDatabase(
  dataSource: Pick<DataSource, 'query'>,
  uses: readonly ScopeUse[],
): Promise<string[]> {
  if (uses.length === 0) return [];
  try {
    return conflictsWith(uses, await findRecorded(dataSource, uses));
  } catch (error) {
    if (isSchemaMismatch(error)) return [];
    throw error;
  }
}

/**
 * Records what the names of this service stand for, and answers one sentence for every name that another process of
 * this database uses otherwise; then nothing is recorded. Instances of one service agree, so any number may start,
 * also at the same moment and during a deployment.
 *
 * A row stays when its service has stopped, as its barrier rows do: an outage of one service must not let another one take
 * its name. An operator who knows that a use is over deletes its row.
 * @throws when the database is away
 */
export async function claimScopes(
  dataSource: Pick<DataSource, 'query'>,
  uses: readonly ScopeUse[],
): Promise<string[]> {
  if (uses.length === 0) return [];
  for (let round = 1; ; round++) {
    const recorded = await findRecorded(dataSource, uses);
    const problems = conflictsWith(uses, recorded);
    const unrecorded = uses.filter(({ scope }) => !recorded.has(scope));
    if (problems.length > 0 || unrecorded.length === 0) return problems;
    try {
      await record(dataSource, unrecorded);
    } catch (error) {
      const isRace = isDuplicateEntry(error) || isLockConflict(error);
      if (!isRace || round === ROUNDS_MAX) throw error;
    }
  }
}

async function findRecorded(
  dataSource: Pick<DataSource, 'query'>,
  uses: readonly ScopeUse[],
): Promise<Map<string, RecordedUse>> {
  const rows = await dataSource.query<RecordedUse[]>(
    `SELECT scope, role, topic, CAST(create_time AS CHAR) AS since FROM txmsg_scope
     WHERE scope IN (${uses.map(() => '?').join(', ')})`,
    uses.map(({ scope }) => scope),
  );
  return new Map(rows.map((row) => [row.scope, row]));
}

/** One statement, so that all of them are recorded or none. */
async function record(dataSource: Pick<DataSource, 'query'>, uses: readonly ScopeUse[]): Promise<void> {
  await dataSource.query(
    `INSERT INTO txmsg_scope (scope, role, topic, create_time)
     VALUES ${uses.map(() => '(?, ?, ?, UTC_TIMESTAMP(3))').join(', ')}`,
    uses.flatMap(({ scope, role, topic }) => [scope, role, topic]),
  );
}

function conflictsWith(uses: readonly ScopeUse[], recorded: ReadonlyMap<string, RecordedUse>): string[] {
  return uses.flatMap((use) => conflictWith(use, recorded.get(use.scope)));
}

function conflictWith(use: ScopeUse, recorded: RecordedUse | undefined): string[] {
  if (recorded === undefined || isSame(recorded, use)) return [];
  return [
    `"${use.scope}" is the ${nameOf(use)} here, and the ${nameOf(recorded)} in another process of this database (since ${recorded.since} UTC, table txmsg_scope). ${CONSEQUENCE} Give this one another name. When the other use is over for good, DELETE FROM txmsg_scope WHERE scope = '${use.scope}' releases the name.`,
  ];
}

function isSame(one: ScopeUse, other: ScopeUse): boolean {
  return one.role === other.role && one.topic === other.topic;
}

function nameOf({ role, topic }: ScopeUse): string {
  return `${role.toLowerCase()} group of topic "${topic}"`;
}
