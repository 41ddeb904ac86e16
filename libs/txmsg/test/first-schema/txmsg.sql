-- The tables of the library. Every service that uses txmsg runs this in its own database; here that is bank1
-- and bank2. May be run again at any time: it creates what is missing and never drops anything.

SET NAMES utf8mb4;

-- Which database this is. Half messages carry it, so that nobody answers check-backs for another database.
-- A copy of the database (a restored dump, a test environment) must get an id of its own: delete the row and
-- run this script again.
CREATE TABLE IF NOT EXISTS txmsg_identity (
  id TINYINT NOT NULL,
  database_id CHAR(36) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT txmsg_identity_has_one_row CHECK (id = 1)
) ENGINE = InnoDB;

-- A random UUID (version 4); UUID() would be made of the clock and the network card.
INSERT IGNORE INTO txmsg_identity (id, database_id)
VALUES (1, LOWER(CONCAT(
  HEX(RANDOM_BYTES(4)), '-',
  HEX(RANDOM_BYTES(2)), '-4',
  SUBSTR(HEX(RANDOM_BYTES(2)), 2), '-8',
  SUBSTR(HEX(RANDOM_BYTES(2)), 2), '-',
  HEX(RANDOM_BYTES(6)))));

-- The barrier. A row with attempt = '' says: this txNo has been done here. A row with an attempt is the fate
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
) ENGINE = InnoDB;

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
  -- What is due; and what is to be published again, or is old enough to be deleted.
  KEY state_next_attempt_at (state, next_attempt_at),
  KEY state_published_time (state, published_time)
) ENGINE = InnoDB;

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
) ENGINE = InnoDB;

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
) ENGINE = InnoDB;
