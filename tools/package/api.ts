import { exitCodeOf } from '../program.js';
import { makeReports, storedReports, storeReports, unexportedTypes } from './api-report.js';

/**
 * `npm run api`: writes libs/txmsg/api/ anew from what was built last. With `--check` it writes nothing, and fails when
 * the files there are not what it would write.
 */
async function main(parameters: readonly string[]): Promise<number> {
  const reports = makeReports();
  const problems = unexportedTypes(reports).map(
    (name) => `${name} is mentioned by what an entry exports, and no entry exports it.`,
  );
  if (parameters.includes('--check')) problems.push(...differences(reports, storedReports()));
  else storeReports(reports);
  for (const problem of problems) console.error(problem);
  return Promise.resolve(problems.length === 0 ? 0 : 1);
}

function differences(made: ReadonlyMap<string, string>, stored: ReadonlyMap<string, string>): string[] {
  const files = [...new Set([...made.keys(), ...stored.keys()])].sort();
  return files
    .filter((file) => made.get(file) !== stored.get(file))
    .map(
      (file) =>
        `libs/txmsg/api/${file} is not what the library exports: is that meant? "npm run api" writes it.`,
    );
}

process.exitCode = await exitCodeOf(main);
