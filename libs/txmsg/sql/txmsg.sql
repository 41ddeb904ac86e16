-- The tables of the library. An administrator runs this in the database of every service that uses txmsg.
-- May be run again at any time: it creates what is missing, and drops nothing but an index that only the first version
-- used (the migration of local_message.state_next_attempt_at).
--
-- CREATE TABLE IF NOT EXISTS changes no table that is there. Whatever is added to a table here also needs a migration
-- at the end, for the databases that have the table already. `npx txmsg status` says what a database still needs.

SET NAMES utf8mb4;
-- An ALTER TABLE waits for transactions that use the table, and new ones wait for it: it gives up soon, and the script
-- is run again.
SET SESSION lock_wait_timeout = 10;

-- Which database this is. Half messages carry it, so that nobody answers check-backs for another database.
-- A copy of the database (a restored dump, a test environment) must get an id of its own: delete the row and
-- run this script again.
CREATE TABLE IF NOT EXISTS txmsg_identity (
  id TINYINT NOT NULL,
  database_id CHAR(36) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT txmsg_identity_has_one_row CHECK (id = 1)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A random UUID (version 4); UUID() would be made of the clock and the network card.
INSERT IGNORE INTO txmsg_identity (id, database_id)
VALUES (1, LOWER(CONCAT(
  HEX(RANDOM_BYTES(4)), '-',
  HEX(RANDOM_BYTES(2)), '-4',
  SUBSTR(HEX(RANDOM_BYTES(2)), 2), '-8',
  SUBSTR(HEX(RANDOM_BYTES(2)), 2), '-',
  HEX(RANDOM_BYTES(6)))));

-- The barrier. A row with attempt = '' says: this txNo has been done here. A row with an attempt is the outcome
-- of that one half message.
CREATE TABLE IF NOT EXISTS de_duplication (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- The producer or consumer group.
  scope VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  attempt VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  outcome ENUM('COMMIT', 'ROLLBACK') NOT NULL,
  -- Of the canonical contents: a second message under the same txNo is a duplicate only when this agrees.
  contents_hash BINARY(32) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  -- The only unique key: secondary ones take next-key locks even in READ COMMITTED (MySQL bug 98324).
  PRIMARY KEY (tx_no, scope, attempt),
  KEY create_time (create_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Which name stands for what in this database: a scope of the barrier belongs to one role and one topic. Services
-- write it when they start, and refuse to start when a name is in use for something else, in whatever process: one
-- would take the other's barrier rows for its own. When a use is over for good (a topic was renamed, a service
-- removed) and its name is to be used otherwise, delete its row. A copy of the database starts with an empty table.
CREATE TABLE IF NOT EXISTS txmsg_scope (
  scope VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  role ENUM('PRODUCER', 'CONSUMER') NOT NULL,
  topic VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (scope)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The outbox: messages that were decided in a local transaction and are yet to be published, or were.
CREATE TABLE IF NOT EXISTS local_message (
  id BIGINT NOT NULL AUTO_INCREMENT,
  topic VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  -- Also the message's key.
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  body MEDIUMBLOB NOT NULL,
  properties JSON NULL,
  state ENUM('PENDING', 'PUBLISHED') NOT NULL DEFAULT 'PENDING',
  attempts INT NOT NULL DEFAULT 0,
  next_attempt_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  -- The relay that is publishing it now, and until when others leave it alone.
  lease_owner VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  lease_until DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  published_time DATETIME(3) NULL,
  PRIMARY KEY (id),
  -- What is due of one topic: rows of a topic that cannot be published now are not even looked at.
  KEY state_topic_next_attempt_at (state, topic, next_attempt_at),
  -- What is to be published again, or is old enough to be deleted.
  KEY state_published_time (state, published_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Durable jobs: long work that a transaction has started, and how far it has come.
CREATE TABLE IF NOT EXISTS durable_job (
  kind VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  job_key VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  state ENUM('PENDING', 'DONE', 'FAILED') NOT NULL DEFAULT 'PENDING',
  -- JSON, as it was when the job was started; the hash tells a repeated start from one with other contents.
  input MEDIUMTEXT NOT NULL,
  contents_hash BINARY(32) NOT NULL,
  -- JSON: where the next step goes on; absent before the first one.
  step_cursor MEDIUMTEXT NULL,
  -- How many steps are committed.
  steps INT NOT NULL DEFAULT 0,
  -- How often the step that is to come has failed, and what it said last.
  failures INT NOT NULL DEFAULT 0,
  error VARCHAR(2000) NULL,
  -- When a worker may claim it; while one has claimed it, when its lease ends.
  next_run_at DATETIME(3) NOT NULL,
  -- The claim that may store steps; absent when no worker has it.
  lease_owner VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  -- The trace of what started it.
  properties JSON NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  -- When it was DONE or FAILED.
  end_time DATETIME(3) NULL,
  -- The only unique key, as in de_duplication.
  PRIMARY KEY (kind, job_key),
  KEY state_kind_next_run_at (state, kind, next_run_at),
  -- What is old enough to be deleted.
  KEY state_end_time (state, end_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Messages that could not be handled, for a person to look at.
CREATE TABLE IF NOT EXISTS dead_letter (
  id BIGINT NOT NULL AUTO_INCREMENT,
  consumer_group VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  topic VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  -- Absent when the message was not even readable that far.
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  message_id VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  -- A hash of group, txNo and contents, else of the message id: a redelivery makes no second row.
  dedup_key BINARY(32) NOT NULL,
  contents_hash BINARY(32) NULL,
  reason VARCHAR(32) COLLATE utf8mb4_0900_bin NOT NULL,
  detail VARCHAR(2000) NOT NULL DEFAULT '',
  body MEDIUMBLOB NOT NULL,
  -- As text, not JSON: whatever the message carried must fit.
  properties MEDIUMTEXT NULL,
  delivery_attempt INT NOT NULL DEFAULT 1,
  state ENUM('OPEN', 'REDRIVEN', 'DISMISSED') NOT NULL DEFAULT 'OPEN',
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY consumer_group_dedup_key (consumer_group, dedup_key),
  KEY state_create_time (state, create_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Who did what with a dead letter, and when; written in the transaction that does it.
CREATE TABLE IF NOT EXISTS dead_letter_action (
  id BIGINT NOT NULL AUTO_INCREMENT,
  dead_letter_id BIGINT NOT NULL,
  -- REOPEN: the message came again and failed again, after somebody had closed its dead letter.
  action ENUM('REDRIVE', 'DISMISS', 'REOPEN') NOT NULL,
  -- Absent when the service did it by itself.
  actor VARCHAR(64) NULL,
  note VARCHAR(500) NOT NULL DEFAULT '',
  -- DONE, DUPLICATE, ...; the reason when the message failed again.
  outcome VARCHAR(32) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  KEY dead_letter_id (dead_letter_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Migrations: what was changed in a table since it was first made. Each looks first whether it has been made. The
-- service may write meanwhile, but for a new character set: MySQL copies the table, and writes to it wait.

-- @migration local_message.state_topic_next_attempt_at: without this index, due messages of a topic that cannot be published now slow down all others
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.STATISTICS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'local_message' AND INDEX_NAME = 'state_topic_next_attempt_at'
  ),
  'DO 0',
  'ALTER TABLE local_message ADD KEY state_topic_next_attempt_at (state, topic, next_attempt_at), ALGORITHM = INPLACE, LOCK = NONE'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

-- @migration local_message.state_next_attempt_at: this index is no longer used, and costs time with every row; only the first version needs it
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.STATISTICS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'local_message' AND INDEX_NAME = 'state_next_attempt_at'
  ),
  'ALTER TABLE local_message DROP KEY state_next_attempt_at, ALGORITHM = INPLACE, LOCK = NONE',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

-- @migration durable_job.utf8mb4: texts have the character set of the database, and a job whose input it cannot hold cannot be started
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'durable_job'
      AND COLUMN_NAME IN ('input', 'step_cursor', 'error') AND CHARACTER_SET_NAME <> 'utf8mb4'
  ),
  'ALTER TABLE durable_job MODIFY input MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL, MODIFY step_cursor MEDIUMTEXT CHARACTER SET utf8mb4 NULL, MODIFY error VARCHAR(2000) CHARACTER SET utf8mb4 NULL, DEFAULT CHARSET = utf8mb4',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

-- @migration dead_letter.utf8mb4: texts have the character set of the database, and a dead letter that it cannot hold is never stored: its message comes again and again
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'dead_letter'
      AND COLUMN_NAME IN ('detail', 'properties') AND CHARACTER_SET_NAME <> 'utf8mb4'
  ),
  'ALTER TABLE dead_letter MODIFY detail VARCHAR(2000) CHARACTER SET utf8mb4 NOT NULL DEFAULT '''', MODIFY properties MEDIUMTEXT CHARACTER SET utf8mb4 NULL, DEFAULT CHARSET = utf8mb4',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

-- @migration dead_letter_action.utf8mb4: texts have the character set of the database, and an operator whose name or note it cannot hold can do nothing
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'dead_letter_action'
      AND COLUMN_NAME IN ('actor', 'note') AND CHARACTER_SET_NAME <> 'utf8mb4'
  ),
  'ALTER TABLE dead_letter_action MODIFY actor VARCHAR(64) CHARACTER SET utf8mb4 NULL, MODIFY note VARCHAR(500) CHARACTER SET utf8mb4 NOT NULL DEFAULT '''', DEFAULT CHARSET = utf8mb4',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
