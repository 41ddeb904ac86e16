import { describe, expect, it } from '@jest/globals';
import { endsTransaction } from './forbidden-statements.js';

describe('statements that end a transaction', () => {
  it.each([
    'COMMIT',
    ' rollback',
    'BEGIN',
    '/* a */ /* b */ COMMIT',
    '/* a ** b */\n-- c\n# d\nCOMMIT',
    '--\nCOMMIT',
    '/*!50000 COMMIT */',
    '/*! COMMIT */',
    'ROLLBACK WORK',
    'SET autocommit = 1',
    'SET LOCAL autocommit = 1',
    'SET @@local.autocommit = 1',
    'SET @@session.autocommit = 1',
    'SET x = 1, autocommit = 1',
    "SET @a = 'it''s, \\', b', SESSION autocommit = 1",
    'SET @a = 1, @@session.autocommit = 1',
    'SET GLOBAL x = 1, LOCAL autocommit := 1',
    'SET NAMES utf8mb4 COLLATE utf8mb4_bin, autocommit=1',
    'SET time_zone = "+00:00" /* a, b */, /* c */ @@ /* d */ autocommit = ON -- e',
    'SET\n  x = 1, -- a = 1\n  `autocommit` = 1',
    'SET @@session . `autocommit` = 1',
    'SET/**/autocommit = 1',
    'SET@@autocommit = 1',
    '/*!50000 SET */ autocommit = 1',
    "SET PASSWORD = 'x'",
    'SET /* a */ PASSWORD = ?',
    'TRUNCATE effect',
    'CREATE TABLE t (a INT)',
    'CREATE/**/TABLE t (a INT)',
    'DROP INDEX i ON t',
    'LOCK/**/TABLES t READ',
    'LOAD/**/INDEX INTO CACHE t',
    'LOCK TABLES t READ',
    'UNLOCK TABLES',
    'CHECK TABLE t',
    'LOAD INDEX INTO CACHE t',
    'RESET MASTER',
    'STOP REPLICA',
  ])('are recognised: %j', (statement) => {
    expect(endsTransaction(statement)).toBe(true);
  });

  it.each([
    'SELECT 1',
    '/* COMMIT */ SELECT 1',
    '-- COMMIT\nSELECT 1',
    '# COMMIT',
    '/*+ MAX_EXECUTION_TIME(1) */ SELECT 1',
    'ROLLBACK TO SAVEPOINT s',
    'ROLLBACK WORK TO s',
    'SAVEPOINT s',
    'RELEASE SAVEPOINT s',
    'CREATE TEMPORARY TABLE t (a INT)',
    'DROP TEMPORARY TABLE t',
    "LOAD DATA INFILE 'f' INTO TABLE t",
    'ROLLBACK /* a */ TO s',
    'CREATE /* a */ TEMPORARY TABLE t (a INT)',
    "SET SESSION sql_mode = ''",
    'SET @autocommit = 1',
    'SET @a = 1, @autocommit = 1',
    'SET GLOBAL autocommit = 1',
    "SET @a = ', autocommit = 1'",
    'SET @a = ", autocommit = 1"',
    'SET @a = 1 /* , autocommit = 1 */',
    'SET @a = 1 -- , autocommit = 1',
    'SET @before = @@autocommit, @a = autocommit_of(1)',
    'SET autocommits = 1',
    'INSERT INTO commits VALUES (1)',
    'WITH begun AS (SELECT 1) SELECT * FROM begun',
  ])('are not those that stay inside: %j', (statement) => {
    expect(endsTransaction(statement)).toBe(false);
  });

  it('are told from others at once, however many comments come first', () => {
    expect(endsTransaction('/* a */ '.repeat(20_000) + 'SELECT 1')).toBe(false);
    expect(endsTransaction(`${'/*'.repeat(20_000)} COMMIT`)).toBe(false);
    for (const part of ['/*', '/* a */', "'", "\\'", '"', '`', '*', ', ', '@@ ', 'x = 1, '])
      expect(endsTransaction(`SET @a = ${part.repeat(20_000)}`)).toBe(false);
  });
});
