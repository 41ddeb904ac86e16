import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { txmsgSql } from './library-script.js';
import { readSchemaScript } from './schema-script.js';

const TABLE = `CREATE TABLE IF NOT EXISTS one (
  id INT NOT NULL,
  -- A comment; with a semicolon.
  PRIMARY KEY (id)
) ENGINE = InnoDB;
`;
const MIGRATION = `-- @migration one.extra: it is wanted
SET @migration = IF(1 = 1, 'DO 0', 'ALTER TABLE one ADD extra INT');
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
`;

describe('readSchemaScript', () => {
  it('finds tables and migrations', () => {
    const script = readSchemaScript(
      `SET NAMES utf8mb4;\n\n${TABLE}\nINSERT INTO one VALUES (1);\n${MIGRATION}`,
    );
    expect(script).toEqual({
      tables: [{ name: 'one', statement: TABLE.trimEnd().slice(0, -1) }],
      migrations: [
        {
          name: 'one.extra',
          why: 'it is wanted',
          expression: "IF(1 = 1, 'DO 0', 'ALTER TABLE one ADD extra INT')",
        },
      ],
    });
  });

  it('refuses a migration that it cannot read, rather than report a database as complete', () => {
    const text = TABLE + MIGRATION.replace('EXECUTE migration;\n', '');
    expect(() => readSchemaScript(text)).toThrow(/announces 1 migrations, and 0 have the form/);
  });

  it('refuses a migration of a table that is not there', () => {
    expect(() => readSchemaScript(MIGRATION)).toThrow(
      /"one.extra" is of a table that the script does not make/,
    );
  });

  it("reads every table of the library's own script", () => {
    const text = readFileSync(new URL('../../sql/txmsg.sql', import.meta.url), 'utf8');
    const { tables, migrations } = readSchemaScript(text);
    expect(tables).toHaveLength(text.match(/^CREATE TABLE/gm)?.length ?? 0);
    expect(migrations).toHaveLength(text.match(/^PREPARE/gm)?.length ?? 0);
  });

  it("finds that every table of the library's own script has its own character set", () => {
    const { tables } = readSchemaScript(txmsgSql());
    for (const { name, statement } of tables) {
      expect([name, statement]).toEqual([name, expect.stringMatching(/DEFAULT CHARSET = utf8mb4$/)]);
    }
  });
});
