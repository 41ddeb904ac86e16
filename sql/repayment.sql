-- The database of repayment. May be run again at any time: it creates what is missing and never drops or resets anything.
-- As MySQL's administrator:
--
--   mysql -u root < sql/repayment.sql && mysql -u root tx_repayment < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_repayment` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_repayment`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_repayment'),
  'DO 0',
  'CREATE USER ''tx_repayment''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_repayment' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_repayment`.* TO ''tx_repayment''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- One row for every project that was approved; never deleted, so that no message makes a second plan of it.
CREATE TABLE IF NOT EXISTS repayment_plan (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- What the approval says.
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  bid_count INT NOT NULL,
  terms INT NOT NULL,
  annual_rate DECIMAL(5,2) NOT NULL,
  state ENUM('PLANNING', 'READY', 'FAILED') NOT NULL DEFAULT 'PLANNING',
  -- Why it has FAILED.
  reason VARCHAR(255) NULL,
  -- Of the instalments that are made; each step adds its own.
  investors_made INT NOT NULL DEFAULT 0,
  instalments_made INT NOT NULL DEFAULT 0,
  principal_made DECIMAL(19,2) NOT NULL DEFAULT 0,
  interest_made DECIMAL(19,2) NOT NULL DEFAULT 0,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (project_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS repayment_instalment (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  investor_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  instalment_no INT NOT NULL,
  principal DECIMAL(19,2) NOT NULL,
  interest DECIMAL(19,2) NOT NULL,
  -- A step that was made twice would break it.
  PRIMARY KEY (project_id, investor_no, instalment_no)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
