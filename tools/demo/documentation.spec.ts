import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BankSettings } from '@txmsg/bank';
import { SERVICES } from '@txmsg/contracts';
import { MessagingSettings, PeerSettings, ServiceSettings, settingsTable } from '@txmsg/service';
import { TwoPhaseCommitSettings } from '@txmsg/service/seata-settings';
import { SETTINGS_CLASSES } from '../app/settings-classes.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { brokerSecurity, javaSecurity, proxySecurity } from '../stack/stack-security.js';
import { SCENE_NAMES } from './scenes.js';
import { codeBlocks, localLinks, sectionsOf, tableRows } from './markdown.js';

const read = (path: string): string => readFileSync(join(repositoryDirectory, path), 'utf8');
const english = read('README.md');
const chinese = read('README.zh-CN.md');

const DOCUMENTS = [
  'README.md',
  'README.zh-CN.md',
  'docs/ARCHITECTURE.md',
  'docs/GUARANTEES.md',
  'docs/SECURITY.md',
  'docs/OPERATIONS.md',
  'docs/OBSERVABILITY.md',
  'docs/RUNBOOK.md',
  'docs/HTTP.md',
  'docs/SETTINGS.md',
  'docs/MYSQL.md',
  'docs/PERFORMANCE.md',
  'docs/model/README.md',
  'docs/patterns/order-stock.md',
  'docs/patterns/local-message-table.md',
  'docs/patterns/long-work.md',
  'docs/patterns/best-effort-notification.md',
  'docs/patterns/custody-account.md',
  'docs/patterns/registration.md',
  'docs/patterns/tcc.md',
  'docs/patterns/at.md',
  'docs/patterns/README.md',
  'libs/txmsg/README.md',
  'libs/webhooks/README.md',
  'libs/seata/README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
];

describe.each(DOCUMENTS)('%s', (path) => {
  it('links only to files that are there', () => {
    const missing = localLinks(read(path)).filter(
      (target) => !existsSync(join(repositoryDirectory, dirname(path), target)),
    );
    expect(missing).toEqual([]);
  });

  it('names only npm scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(path).matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('names only scenes of the demo that are there', () => {
    const named = [...read(path).matchAll(/npm run demo -- ([a-z]+)/g)].map(([, scene = '']) => scene);
    expect(named.filter((scene) => !SCENE_NAMES.includes(scene))).toEqual([]);
  });
});

describe('the page of a pattern', () => {
  it.each([
    ['order-stock', 'shop'],
    ['local-message-table', 'points'],
    ['long-work', 'review'],
    ['best-effort-notification', 'notification'],
    ['tcc', 'seata'],
    ['at', 'seata'],
  ])('%s names the scene that shows it', (page, scene) => {
    expect(read(`docs/patterns/${page}.md`)).toContain(`npm run demo -- ${scene}`);
  });
});

describe("the library's README", () => {
  it('links only to files that are in the package with it', () => {
    const { files } = JSON.parse(read('libs/txmsg/package.json')) as { files: string[] };
    const outside = localLinks(read('libs/txmsg/README.md')).filter(
      (target) => !files.includes(target.split('/', 1)[0] ?? ''),
    );
    expect(outside).toEqual([]);
  });
});

describe('the guarantees', () => {
  const testsOf = (text: string): { path: string; title: string }[] =>
    [...text.matchAll(/^- \[.+\]\(\.\.\/(\S+)\): "(.+)"$/gm)].map(([, path = '', title = '']) => ({
      path,
      title,
    }));
  const guarantees = read('docs/GUARANTEES.md');
  const promises = guarantees.split(/^### /m).slice(1);

  it.each(promises.map((promise) => promise.split('\n', 1)))('"%s" names the tests that hold it', (title) => {
    const promise = promises.find((text) => text.startsWith(title)) ?? '';
    expect(testsOf(promise)).not.toEqual([]);
  });

  it('name tests that are there', () => {
    const isThere = ({ path, title }: { path: string; title: string }): boolean =>
      [`'${title}'`, `"${title}"`].some((quoted) => read(path).includes(quoted));
    expect(testsOf(guarantees).filter((test) => !isThere(test))).toEqual([]);
  });
});

describe('the configuration in docs/SECURITY.md', () => {
  const security = read('docs/SECURITY.md');
  const administrator = { accessKey: 'administrator', accessSecret: '<secret>' };
  const files = { certificateFile: '/etc/rocketmq/proxy.pem', keyFile: '/etc/rocketmq/proxy.key' };
  const tls = { ...files, authorities: '' };
  const [users, encryption] = codeBlocks(security, 'json').map((block) => JSON.parse(block) as unknown);

  it('is the one that the tests turn access control on with', () => {
    const lines = Object.entries(brokerSecurity({ administrator })).map(
      ([name, value]) => `${name}=${value}`,
    );
    const [properties = ''] = codeBlocks(security, 'properties');
    expect(properties.trim().split('\n').sort()).toEqual(lines.sort());
    expect(users).toEqual(proxySecurity({ administrator }));
  });

  it('is the one that the tests turn TLS on with', () => {
    expect(encryption).toEqual(proxySecurity({ tls }));
    expect(codeBlocks(security, 'text')[0]?.trim().split(' ')).toEqual(javaSecurity({ tls }));
  });
});

describe('the example', () => {
  const compiled = read('tools/demo/readme-example.ts');

  it('of the library is the one that is compiled and run', () => {
    expect(codeBlocks(read('libs/txmsg/README.md'), 'ts')).toEqual([compiled]);
  });

  it.each([
    ['README.md', english],
    ['README.zh-CN.md', chinese],
  ])('in %s is cut from it', (_path, readme) => {
    const blocks = codeBlocks(readme, 'ts');
    expect(blocks).toHaveLength(2);
    expect(blocks.filter((block) => !compiled.includes(block))).toEqual([]);
  });
});

describe('docs/SETTINGS.md', () => {
  type SettingsClass = abstract new () => object;
  const rowsOf = (settings: SettingsClass): string[][] =>
    tableRows(settingsTable(settings).split('\n')).slice(1);
  const beside = (settings: SettingsClass, ...shared: SettingsClass[]): string[][] => {
    const told = new Set(shared.flatMap(rowsOf).map(([name]) => name));
    return rowsOf(settings).filter(([name]) => !told.has(name));
  };
  const sharedOf = (settings: SettingsClass): SettingsClass[] =>
    [ServiceSettings, MessagingSettings, BankSettings, PeerSettings, TwoPhaseCommitSettings].filter(
      (shared) => settings.prototype instanceof shared,
    );

  it('has the settings that the services read: what all share, what some share, what is their own', () => {
    const documented = tableRows(read('docs/SETTINGS.md').split('\n')).filter((cells) =>
      cells[0]?.startsWith('`'),
    );
    expect(documented).toEqual([
      ...rowsOf(ServiceSettings),
      ...beside(MessagingSettings, ServiceSettings),
      ...beside(BankSettings, MessagingSettings),
      ...beside(PeerSettings, MessagingSettings),
      ...beside(TwoPhaseCommitSettings, ServiceSettings),
      ...SERVICES.map(({ name }) => SETTINGS_CLASSES[name]).flatMap((settings) =>
        beside(settings, ...sharedOf(settings)),
      ),
    ]);
  });
});

describe('the Chinese README', () => {
  const shapeOf = (readme: string): object[] =>
    sectionsOf(readme).map(({ lines }) => ({
      tableRows: tableRows(lines).map((cells) => cells.length),
      listItems: lines.filter((line) => line.startsWith('- ')).length,
      fences: lines.filter((line) => line.startsWith('```')),
      // Every paragraph has one line.
      paragraphs: lines.filter((line) => /^[^|\-`\s]/.test(line)).length,
    }));

  it('has the same sections with the same contents', () => {
    expect(shapeOf(chinese)).toEqual(shapeOf(english));
  });

  it('shows the same commands', () => {
    const withoutComments = (readme: string): string[] =>
      codeBlocks(readme, 'sh').map((block) => block.replace(/ *#.*$/gm, ''));
    expect(withoutComments(chinese)).toEqual(withoutComments(english));
    expect(codeBlocks(chinese, 'text')[0]).toBe(codeBlocks(english, 'text')[0]);
  });
});
