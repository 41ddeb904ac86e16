-- The database of the custody bank. May be run again at any time: it creates what is missing and never drops or resets
-- anything. As MySQL's administrator:
--
--   mysql -u root < sql/custody.sql && mysql -u root tx_custody < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_custody` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_custody`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_custody'),
  'DO 0',
  'CREATE USER ''tx_custody''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a service cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_custody' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_custody`.* TO ''tx_custody''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and utf8mb4_bin ignores
-- trailing spaces.

-- One row for every request that was accepted, kept indefinitely: whoever asks what became of it, and whoever repeats it, is
-- answered from here, also after its job was deleted.
CREATE TABLE IF NOT EXISTS custody_request (
  request_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- Compared by code point too: a repeated request has the same name, to the letter, or is another one.
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  status ENUM('PROCESSING', 'OPENED', 'REFUSED') NOT NULL DEFAULT 'PROCESSING',
  -- Of the account that it opened.
  custody_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  -- Why it was REFUSED.
  reason VARCHAR(255) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (request_no),
  -- What is not decided yet, the oldest first.
  KEY status_create_time (status, create_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One account for each user, whatever requests there are. It is inserted after its request was locked, which is the lock order
-- of every transaction here: the job, the request, the account.
CREATE TABLE IF NOT EXISTS custody_account (
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  custody_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- By which it was opened.
  request_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (user_id),
  UNIQUE KEY custody_account_no (custody_account_no)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
