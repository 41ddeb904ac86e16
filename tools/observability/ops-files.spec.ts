import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryDirectory } from '../stack/stack-paths.js';
import {
  alertNames,
  documentedNames,
  documentedSamples,
  impatientRules,
  namesIn,
  readOps,
} from './ops-files.js';

interface Panel {
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

const read = (path: string): string => readFileSync(join(repositoryDirectory, path), 'utf8');
const document = read('docs/OBSERVABILITY.md');
const runbook = read('docs/RUNBOOK.md');
const rules = readOps('prometheus/alerts.yml');
const DASHBOARDS = ['operators', 'developers'];
const dashboard = (name: string): Dashboard => JSON.parse(readOps(`grafana/${name}.json`)) as Dashboard;
const expressionsOf = ({ panels }: Dashboard): string[] =>
  panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** Names of the metrics themselves: those are followed by what only a sample may have. */
function unknownNames(text: string): string[] {
  const known = new Set([...documentedSamples(document), ...documentedNames(document)]);
  return namesIn(text).filter((name) => !known.has(name));
}

describe('the alerts', () => {
  const names = alertNames();

  it('name only metrics and labels of the table in docs/OBSERVABILITY.md', () => {
    const expressions = rules.replace(/^ +(runbook_url|summary): .*$/gm, '');
    expect(unknownNames(expressions)).toEqual([]);
    expect(namesIn(expressions).length).toBeGreaterThan(10);
  });

  it.each(names)(
    '%s has a section of the runbook that says what it means, what to look at, what to do',
    (name) => {
      const section = runbook.split(/^## /m).find((text) => text.startsWith(`${name}\n`)) ?? '';
      for (const part of ['**What it means.**', '**What to look at.**', '**What to do.**']) {
        expect(section).toContain(part);
      }
      expect(rules).toContain(`runbook_url: docs/RUNBOOK.md#${name.toLowerCase()}\n`);
    },
  );

  it.each(names)('%s is tested to fire and to clear', (name) => {
    const tests = readOps('prometheus/alerts.test.yml');
    expect(tests).toMatch(new RegExp(`alertname: ${name}\n +exp_alerts:`));
    expect(tests).toMatch(new RegExp(`alertname: ${name} }`));
  });

  it('are the only ones that the runbook knows', () => {
    const sections = [...runbook.matchAll(/^## ([A-Z][A-Za-z]+)$/gm)].map(([, title = '']) => title);
    expect(sections).toEqual(names);
  });

  it('lose nothing but patience when they are tried out', () => {
    const patience = / for: .*|\[\w+\]/g;
    expect(impatientRules(5).match(patience)).toEqual(
      rules.match(patience)?.map((it) => (it.startsWith('[') ? '[5s]' : ' for: 5s')),
    );
    expect(impatientRules(5).replaceAll(patience, '')).toBe(rules.replaceAll(patience, ''));
  });
});

describe.each(DASHBOARDS)('the dashboard for %s', (name) => {
  it('names only metrics and labels of the table', () => {
    const expressions = expressionsOf(dashboard(name));
    expect(expressions.length).toBeGreaterThan(5);
    expect(unknownNames(expressions.join('\n'))).toEqual([]);
  });

  it('takes its data source from a variable', () => {
    const { panels, templating } = dashboard(name);
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    const sources = panels.filter(({ targets }) => targets).map(({ datasource }) => datasource?.uid);
    expect(new Set(sources)).toEqual(new Set(['${datasource}']));
  });
});
