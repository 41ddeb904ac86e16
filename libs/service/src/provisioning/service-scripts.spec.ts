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
});
