import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TwoPhasePattern } from '@txmsg/contracts';
import { createConnection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { repositoryDirectory } from '../../tools/stack/stack-paths.js';

/** How a person ends a branch. */
export type Way = 'commit' | 'roll back';

/** The statements of docs/RUNBOOK.md that end a branch, as they stand there, by `TCC, at seata-bank1, to commit` and so on. */
const STATEMENTS = new Map(
  [
    ...readFileSync(join(repositoryDirectory, 'docs', 'RUNBOOK.md'), 'utf8').matchAll(
      /```sql\n\s*START TRANSACTION; {2}-- ([^\n]+)\n([^`]+)```/g,
    ),
  ].map(([, label = '', statements = '']) => [label, `START TRANSACTION;\n${statements}`]),
);

export interface BranchByHand {
  readonly service: string;
  readonly mysqlUrl: string;
  readonly pattern: TwoPhasePattern;
  /** What stands in `<angle brackets>` in the statements. */
  readonly values: Readonly<Record<string, string>>;
}

/** Does what the runbook has a person do at one service. */
export async function endBranchByHand(branch: BranchByHand, way: Way): Promise<void> {
  const { service, mysqlUrl, pattern, values } = branch;
  const statementsAt = (place: string) => STATEMENTS.get(`${pattern}, at ${place}, to ${way}`);
  const statements = statementsAt(service) ?? statementsAt('any service');
  if (statements === undefined) {
    throw new Error(`docs/RUNBOOK.md does not say how to ${way} ${pattern} at ${service}`);
  }
  const filled = statements.replace(/<(\w+)>/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`docs/RUNBOOK.md asks for <${name}>`);
    return value;
  });
  const connection = await createConnection({ ...parseMysqlUrl(mysqlUrl), multipleStatements: true });
  try {
    await connection.query(filled);
  } finally {
    await connection.end();
  }
}
