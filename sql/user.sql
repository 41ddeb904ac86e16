-- The database of user, which registers users. May be run again at any time: it creates what is missing and never drops or
-- resets anything. As MySQL's administrator:
--
--   mysql -u root < sql/user.sql && mysql -u root tx_user < libs/txmsg/sql/txmsg.sql &&
--     mysql -u root tx_user < libs/seata/sql/seata.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_user` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_user`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_user'),
  'DO 0',
  'CREATE USER ''tx_user''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a service cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_user' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_user`.* TO ''tx_user''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and utf8mb4_bin ignores
-- trailing spaces.

-- One row for every registered user, kept indefinitely. It is also what keeps a registration from being made twice: the message
-- about it is written in the same transaction. The key is tx_no, because callers that repeat a registration at the same
-- time meet there, and a unique key beside the primary one would take locks on the gaps next to it.
CREATE TABLE IF NOT EXISTS user_info (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- A random UUID: never the id of a user in another database, as a counter would be.
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- Compared by code point too: a repeated registration has the same name, to the letter, or is another one.
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  UNIQUE KEY user_id (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One row for every registration with a login account that was asked for, kept indefinitely. Whoever acts on one locks its row
-- first. Its user is in user_info from phase one on, and usable once this row says COMMITTED and undo_log has no row of its xid.
CREATE TABLE IF NOT EXISTS registration (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pattern ENUM('AT', 'TCC') NOT NULL,
  -- Made when it was asked for first; a repeated call after a rollback registers the same user.
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  -- The name again while nobody else may have it: from its beginning on, until it is rolled back.
  held_name VARCHAR(100) COLLATE utf8mb4_0900_bin NULL,
  -- The global transaction that makes it; of a repeated call after a rollback, the latest.
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  -- OPEN: not ended here. Under AT the row says COMMITTED from phase one on, and counts as open while undo_log has a row of
  -- its xid.
  state ENUM('OPEN', 'COMMITTED', 'ROLLED_BACK') NOT NULL DEFAULT 'OPEN',
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  -- When the state of this xid began.
  begin_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  UNIQUE KEY user_id (user_id),
  UNIQUE KEY held_name (held_name),
  KEY state_begin_time (state, begin_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One row for every request for an account at the custody bank, kept indefinitely: its number is made here and repeated until
-- custody has answered, and a result that comes late or twice finds here that the request has ended.
CREATE TABLE IF NOT EXISTS custody_request (
  request_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- As it was asked for: a request that is repeated has the same contents.
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  -- NEW: it is not known that custody has it. REQUESTED: custody has it.
  state ENUM('NEW', 'REQUESTED', 'OPENED', 'REFUSED') NOT NULL DEFAULT 'NEW',
  custody_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  reason VARCHAR(255) NULL,
  -- How often custody was asked what became of it: the rung of the ladder.
  checks INT NOT NULL DEFAULT 0,
  -- When custody is asked, unless it is heard of before. NULL: the request has ended.
  next_check_at DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (request_no),
  KEY user_id (user_id),
  KEY next_check_at (next_check_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The webhooks of custody that were about a request of ours, deleted as barrier rows are. It is inserted before the request's
-- row is locked, which is the lock order here.
CREATE TABLE IF NOT EXISTS custody_webhook (
  -- Made by the sender, whose rules for it are not ours.
  webhook_id VARCHAR(255) COLLATE utf8mb4_0900_bin NOT NULL,
  -- SHA-256 of the body as it came.
  body_hash BINARY(32) NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (webhook_id),
  KEY create_time (create_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
