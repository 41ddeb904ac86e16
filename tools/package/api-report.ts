import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { codeEntries, LIBRARY_DIRECTORY } from './packed-library.js';

/** What each entry exports, one file an entry; `npm run api` writes them, and a test compares them. */
const REPORTS = join(LIBRARY_DIRECTORY, 'api');

/** The reports of the declarations as they were built last, by file name. */
export function makeReports(): Map<string, string> {
  const directory = mkdtempSync(join(tmpdir(), 'txmsg-api-'));
  try {
    for (const { entry, types } of codeEntries()) extract(entry, types, directory);
    return readReports(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function storedReports(): Map<string, string> {
  return readReports(REPORTS);
}

export function storeReports(reports: ReadonlyMap<string, string>): void {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS);
  for (const [file, text] of reports) writeFileSync(join(REPORTS, file), text);
}

/** What an entry's declarations mention and no entry exports: a user could not name the type. */
export function unexportedTypes(reports: ReadonlyMap<string, string>): string[] {
  const all = [...reports.values()].join('\n');
  const exported = new Set(
    [...all.matchAll(/^export (?:abstract |const |declare )*(?:\w+) (\w+)/gm)].map(([, name]) => name),
  );
  const mentioned = [...all.matchAll(/Warning: \(ae-forgotten-export\) The symbol "(\w+)"/g)].map(
    ([, name = '']) => name,
  );
  return [...new Set(mentioned)].filter((name) => !exported.has(name)).sort();
}

function readReports(directory: string): Map<string, string> {
  const files = readdirSync(directory).filter((file) => file.endsWith('.api.md'));
  return new Map(
    files.sort().map((file) => [file, withoutPlaces(readFileSync(join(directory, file), 'utf8'))]),
  );
}

/** The list at its end names lines of declarations, and constructors that are left out of the report. */
function withoutPlaces(report: string): string {
  return report.replace(/\/\/ Warnings were encountered during analysis:[^`]*/, '');
}

function extract(entry: string, types: string, directory: string): void {
  const reportFileName = entry === '.' ? 'txmsg' : `txmsg.${entry.slice(2)}`;
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(LIBRARY_DIRECTORY, 'package.json'),
    configObject: {
      projectFolder: LIBRARY_DIRECTORY,
      mainEntryPointFilePath: join(LIBRARY_DIRECTORY, types),
      compiler: { tsconfigFilePath: join(LIBRARY_DIRECTORY, 'tsconfig.build.json') },
      // What is marked @internal (the constructors of what Nest makes) is left out: users do not call it.
      apiReport: {
        enabled: true,
        reportFileName,
        reportFolder: directory,
        reportTempFolder: join(directory, 'temporary'),
        reportVariants: ['public'],
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Error) throw new Error(message.text);
      message.handled = true;
    },
  });
}
