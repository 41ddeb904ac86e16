-- The database of identity, which has the login accounts. May be run again at any time: it creates what is missing and never drops or
-- resets anything. As MySQL's administrator:
--
--   mysql -u root < sql/identity.sql && mysql -u root tx_identity < libs/seata/sql/seata.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_identity` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_identity`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_identity'),
  'DO 0',
  'CREATE USER ''tx_identity''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a service cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_identity' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_identity`.* TO ''tx_identity''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers and names compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and utf8mb4_bin
-- ignores trailing spaces.

-- One row for every login account, also for one that may still be taken back. The key is tx_no, since names have characters
-- that no global lock of Seata can name.
CREATE TABLE IF NOT EXISTS account (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pattern ENUM('AT', 'TCC') NOT NULL,
  -- The user at the user centre.
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  -- `scrypt$N$r$p$salt$hash`: with the parameters that it was made by, so that new ones may be chosen at any time.
  password_hash VARCHAR(255) COLLATE utf8mb4_0900_bin NOT NULL,
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  -- Under AT the row says ACTIVE from phase one on, and counts as pending while undo_log has a row of its xid.
  state ENUM('RESERVED', 'ACTIVE') NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  UNIQUE KEY name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
