import { describe, expect, it } from '@jest/globals';
import { SERVICES } from '@txmsg/contracts';
import { readScripts, scriptTexts } from './service-scripts.js';

describe.each(SERVICES.map(({ name }) => name))('the scripts of %s', (service) => {
  it('are read whole by what tells which changes a database still needs', () => {
    const text = scriptTexts(service).join('\n');
    const { tables, migrations } = readScripts(service);
    expect(tables).toHaveLength(text.match(/^CREATE TABLE/gm)?.length ?? 0);
    expect(migrations).toHaveLength(text.match(/^PREPARE migration/gm)?.length ?? 0);
  });

  it('give up soon when they wait to alter a table, since everybody else then waits for them', () => {
    for (const text of scriptTexts(service)) {
      const [beforehand = '', altering] = text.split(/'ALTER TABLE /);
      if (altering !== undefined) expect(beforehand).toContain('SET SESSION lock_wait_timeout = 10;');
    }
  });

  it('insert their examples with the statement that makes the table: what ends between two has made half', () => {
    expect(scriptTexts(service)[0]).not.toMatch(/^\s*INSERT\b/m);
  });

  it('give every table a character set, whatever the database has', () => {
    // Those of Seata's own scripts hold ASCII, and Java services may have made them.
    const own = readScripts(service).tables.filter(
      ({ name }) => !['undo_log', 'tcc_fence_log'].includes(name),
    );
    for (const { name, statement } of own) {
      expect([name, statement]).toEqual([name, expect.stringMatching(/^\) .*DEFAULT CHARSET = utf8mb4$/m)]);
    }
  });
});
