-- The database of seata-bank2, the receiving bank of two-phase commits. May be run again at any time: it creates what is missing and never drops or
-- resets anything. As MySQL's administrator:
--
--   mysql -u root < sql/seata-bank2.sql && mysql -u root seata_bank2 < libs/seata/sql/seata.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;
-- An ALTER TABLE waits for transactions that use the table, and new ones wait for it: it gives up soon, and the script
-- is run again.
SET SESSION lock_wait_timeout = 10;

CREATE DATABASE IF NOT EXISTS `seata_bank2` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `seata_bank2`;

-- '%' because the bank may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'seata_bank2'),
  'DO 0',
  'CREATE USER ''seata_bank2''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a bank cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'seata_bank2' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `seata_bank2`.* TO ''seata_bank2''@''%''',
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
  -- What the audit starts from.
  opening_balance DECIMAL(19,2) NOT NULL DEFAULT 0,
  -- TCC: what confirms will add to the balance; no other credit may use its room.
  reserved DECIMAL(19,2) NOT NULL DEFAULT 0,
  status ENUM('ACTIVE', 'FROZEN') NOT NULL DEFAULT 'ACTIVE',
  PRIMARY KEY (id),
  UNIQUE KEY account_no (account_no),
  CONSTRAINT account_balance_not_negative CHECK (account_balance >= 0),
  CONSTRAINT account_reserved_not_negative CHECK (reserved >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
AS SELECT 1 AS id, '李四' AS account_name, '2' AS account_no, 0.00 AS account_balance, 0.00 AS opening_balance,
  0.00 AS reserved, 'ACTIVE' AS status;

-- One row for every credit; under TCC also for one that is only reserved.
CREATE TABLE IF NOT EXISTS credit (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pattern ENUM('AT', 'TCC') NOT NULL,
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  -- Under AT the row says CREDITED from phase one on, and counts as open while undo_log has a row of its xid.
  state ENUM('RESERVED', 'CREDITED') NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  KEY xid (xid),
  CONSTRAINT credit_amount_positive CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Migrations: what was changed in a table since it was first made. Each looks first whether it has been made, and lets
-- the bank write meanwhile, also one of the version before.

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
