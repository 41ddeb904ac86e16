import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { UNREACHABLE } from './check.js';
import { CHECK_GROUPS } from './checks.js';

const read = (path: string): string => readFileSync(join(repositoryDirectory, path), 'utf8');
const model = read('docs/model/transfer.pml');
const checks = CHECK_GROUPS.flatMap((group) => group.checks);
const switches = new Set(checks.flatMap((check) => check.switches));

/** What the model's `#ifdef`s and `#if defined`s ask for. */
const asked = new Set(
  [...model.matchAll(/^#(?:ifn?def|if|elif).*$/gm)].flatMap(([line]) =>
    [...line.matchAll(/\b[A-Z][A-Z_]+\b/g)].map(([name]) => name),
  ),
);

describe('the table of checks', () => {
  it('names each check once', () => {
    const names = checks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('uses every switch that the model asks for, and no other', () => {
    const used = new Set([...switches].map((name) => name.replace(/=.*/, '')));
    expect([...used].sort()).toEqual([...asked].sort());
  });

  it('removes each rule in a check of its own', () => {
    const without = checks.map((check) => check.switches.filter((name) => name.startsWith('WITHOUT_')));
    expect(without.filter((names) => names.length > 1)).toEqual([]);
  });

  it('lets every two adversaries meet, with reconciliation and with every promise looked at', () => {
    const adversaries = ['SAME_CONTENTS', 'OTHER_CONTENTS', 'FOREIGN', 'LATE_RESOLUTIONS', 'TWO_RECONCILERS'];
    const meetings = CHECK_GROUPS[0]?.checks
      .map((check) => check.switches)
      .filter((names) => !names.includes('NO_RECONCILIATION') && !names.includes('MONEY_ONLY'))
      .map((names) =>
        names.includes('CHALLENGER') && !names.includes('SAME_CONTENTS')
          ? ['OTHER_CONTENTS', ...names]
          : names,
      );
    const pairs = adversaries.flatMap((one, index) =>
      adversaries.slice(index + 1).map((other) => [one, other] as const),
    );
    // Every other call has the same contents, or none has.
    expect(
      pairs.filter(
        ([one, other]) => !meetings?.some((names) => names.includes(one) && names.includes(other)),
      ),
    ).toEqual([['SAME_CONTENTS', 'OTHER_CONTENTS']]);
  });

  it('expects promises that the model checks', () => {
    const promised = new Set(
      [...model.matchAll(/(?:promise|sharperPromise)\((\w+),/gi)].map(([, name]) => name),
    );
    expect(checks.flatMap(({ breaks }) => breaks ?? []).filter((name) => !promised.has(name))).toEqual([]);
  });

  it('breaks each promise at least once, so that none is there for show', () => {
    const promises = [...(/^mtype = \{([^}]*)\}/m.exec(model)?.[1] ?? '').matchAll(/^ {2}(\w+)/gm)];
    const broken = checks.map(({ breaks }) => breaks);
    expect(promises.map(([, name]) => name).filter((name) => !broken.includes(name))).toEqual([]);
  });

  it('reaches every end that the model names', () => {
    const section = model.slice(
      model.indexOf('Ends that are worth reaching'),
      model.indexOf('inline theWorldBehaves'),
    );
    const ends = [...section.matchAll(/^#define (\w+)/gm)].map(([, name]) => `REACH=${name}`);
    expect(ends.length).toBeGreaterThan(0);
    expect(ends.filter((end) => !switches.has(end))).toEqual([]);
  });
});

describe('docs/model/README.md', () => {
  const [, table = ''] = /^```text\n(.*?)^```$/ms.exec(read('docs/model/README.md')) ?? [];
  const rows = [...table.matchAll(/^ {2}(\S+) .* ✓ (.*)$/gm)].map(([, name = '', text = '']) => ({
    name,
    text,
  }));

  it('shows the table of every check, in its order, all as expected', () => {
    expect(rows.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
  });

  it('shows the promises that must break', () => {
    const shown = (breaks?: string): string => breaks?.replace(UNREACHABLE, 'reached') ?? 'explored';
    expect(rows.map(({ text }) => text.replace(/,.*/, ''))).toEqual(
      checks.map(({ breaks }) => shown(breaks)),
    );
  });
});
