-- The database of bank1, the paying bank. May be run again at any time: it creates what is missing and never
-- drops or resets anything. As MySQL's administrator:
--
--   mysql -u root < sql/bank1.sql && mysql -u root bank1 < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;
-- An ALTER TABLE waits for transactions that use the table, and new ones wait for it: it gives up soon, and the script
-- is run again.
SET SESSION lock_wait_timeout = 10;

CREATE DATABASE IF NOT EXISTS `bank1` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `bank1`;

-- '%' because the bank may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'bank1'),
  'DO 0',
  'CREATE USER ''bank1''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a bank cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'bank1' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `bank1`.* TO ''bank1''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and
-- utf8mb4_bin ignores trailing spaces.

-- One statement makes a table with its example, or neither: a script that was interrupted makes both when it runs again,
-- and whoever has deleted the example does not get it back.
CREATE TABLE IF NOT EXISTS account_info (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account_name VARCHAR(100) NULL,
  account_no VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  account_balance DECIMAL(19,2) NOT NULL,
  -- What the audit starts from: the balance is this, less what was sent, plus what was received.
  opening_balance DECIMAL(19,2) NOT NULL DEFAULT 0,
  -- A frozen account refuses credits.
  status ENUM('ACTIVE', 'FROZEN') NOT NULL DEFAULT 'ACTIVE',
  PRIMARY KEY (id),
  UNIQUE KEY account_no (account_no),
  CONSTRAINT account_balance_not_negative CHECK (account_balance >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
AS SELECT 1 AS id, '张三' AS account_name, '1' AS account_no, 10000.00 AS account_balance, 10000.00 AS opening_balance,
  'ACTIVE' AS status;

-- One row for every transfer that was accepted; tx_no stays unique indefinitely.
CREATE TABLE IF NOT EXISTS outgoing_transfer (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  to_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  state ENUM('DEBITED', 'COMPLETED', 'REFUNDED') NOT NULL DEFAULT 'DEBITED',
  -- Why it was refunded.
  reason VARCHAR(255) NULL,
  -- How often reconciliation has sent the event again.
  republished INT NOT NULL DEFAULT 0,
  -- When reconciliation asks bank2 about it, while it is DEBITED.
  next_check_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  -- The call's span, when it is traced: what reconciliation does about the transfer belongs to that trace.
  traceparent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (tx_no),
  KEY state_next_check_at (state, next_check_at),
  CONSTRAINT outgoing_amount_positive CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One row for every top-up that pay has told of, or that was registered as expected, kept indefinitely: money from outside,
-- credited once whether pay's message or its answer to a question comes first. Whoever acts on it locks it first, before the
-- account.
CREATE TABLE IF NOT EXISTS top_up (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  -- EXPECTED: nobody has told of its end. GIVEN_UP: pay was asked for the last time, and could not tell either; it is credited
  -- when its end is heard of all the same. REFUSED: it was paid, and could not be credited.
  state ENUM('EXPECTED', 'CREDITED', 'FAILED', 'REFUSED', 'GIVEN_UP') NOT NULL DEFAULT 'EXPECTED',
  -- Why it was refused.
  reason VARCHAR(255) NULL,
  -- The first thing that was said about it and does not agree with this row; the audit lists it.
  contradiction VARCHAR(255) NULL,
  -- How many answers of pay decided nothing: where it stands on the ladder.
  asked INT NOT NULL DEFAULT 0,
  -- When pay is asked about it, while it is EXPECTED.
  next_check_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  KEY state_next_check_at (state, next_check_at),
  CONSTRAINT top_up_amount_positive CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Migrations: what was changed in a table since it was first made. Each looks first whether it has been made, and lets
-- the bank write meanwhile, also one of the version before.

-- @migration outgoing_transfer.traceparent: a message that is sent again would begin a new trace, and this version reads the column
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'outgoing_transfer' AND COLUMN_NAME = 'traceparent'
  ),
  'DO 0',
  'ALTER TABLE outgoing_transfer ADD COLUMN traceparent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL, ALGORITHM = INSTANT'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

-- @migration account_info.account_name: the column is NOT NULL, and another program that inserts an account without a name is refused
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'account_info' AND COLUMN_NAME = 'account_name'
      AND IS_NULLABLE = 'NO'
  ),
  'ALTER TABLE account_info MODIFY account_name VARCHAR(100) NULL, ALGORITHM = INPLACE, LOCK = NONE',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
