import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDirectory } from '../stack/stack-paths.js';

export const ALERTS_FILE = join(repositoryDirectory, 'ops', 'prometheus', 'alerts.yml');

export function readOps(path: string): string {
  return readFileSync(join(repositoryDirectory, 'ops', path), 'utf8');
}

/** The names of the alerts, in the order of the file. */
export function alertNames(rules = readOps('prometheus/alerts.yml')): string[] {
  return [...rules.matchAll(/^ +- alert: (\S+)$/gm)].map(([, name = '']) => name);
}

/**
 * The rules as they are, but impatient, so that a real Prometheus can be seen to fire and to clear within seconds: every
 * `for:` and every range becomes `seconds`. Thresholds stay. What the rules do in real time, promtool tests.
 */
export function impatientRules(seconds: number, rules = readOps('prometheus/alerts.yml')): string {
  return rules.replace(/^( +for:) .*$/gm, `$1 ${seconds}s`).replace(/\[\d+[mh]\]/g, `[${seconds}s]`);
}

/** What stands in back-ticks, as Prometheus spells it. */
const spelled = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_');

/** Every metric of the tables of docs/OBSERVABILITY.md, as its samples are called in Prometheus's format. */
export function documentedSamples(document: string): Set<string> {
  const rows = [...document.matchAll(/^\| `([a-z_.]+)` +\| (counter|gauge|histogram)/gm)];
  return new Set(
    rows.flatMap(([, name = '', kind]) => {
      const metric = spelled(name);
      if (kind === 'counter') return [`${metric}_total`];
      return kind === 'gauge' ? [metric] : ['bucket', 'sum', 'count'].map((part) => `${metric}_${part}`);
    }),
  );
}

/** Every name that the document has in back-ticks, labels among them. */
export function documentedNames(document: string): Set<string> {
  return new Set([...document.matchAll(/`([a-z_.]+)`/g)].map(([, name = '']) => spelled(name)));
}

/** What a text of PromQL names of ours: samples and labels. */
export function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:bank|txmsg|service|messaging|seata)_[a-z0-9_]+\b/g) ?? [])];
}
