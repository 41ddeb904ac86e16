-- The database of trading. May be run again at any time: it creates what is missing and never drops or resets anything.
-- As MySQL's administrator:
--
--   mysql -u root < sql/trading.sql && mysql -u root tx_trading < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_trading` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_trading`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_trading'),
  'DO 0',
  'CREATE USER ''tx_trading''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_trading' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_trading`.* TO ''tx_trading''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and
-- utf8mb4_bin ignores trailing spaces.

-- One statement makes a table with its examples, or neither: a script that was interrupted makes both when it runs again,
-- and whoever has deleted the examples does not get them back. They are a small project that is full, with its bids.
CREATE TABLE IF NOT EXISTS project (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- What it asks for, and what was bid for it so far. It is full when they are equal; then no bid comes any more.
  amount DECIMAL(19,2) NOT NULL,
  bid_amount DECIMAL(19,2) NOT NULL DEFAULT 0,
  bid_count INT NOT NULL DEFAULT 0,
  -- Months, and per cent a year.
  terms INT NOT NULL,
  annual_rate DECIMAL(5,2) NOT NULL,
  status ENUM('BIDDING', 'REPAYING') NOT NULL DEFAULT 'BIDDING',
  -- How often reconciliation has sent the approval again.
  republished INT NOT NULL DEFAULT 0,
  -- When repayment is asked about its plan. NULL: it was not approved, or repayment knows it.
  next_check_at DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (project_id),
  KEY next_check_at (next_check_at),
  CONSTRAINT project_not_overbid CHECK (bid_amount <= amount),
  CONSTRAINT project_terms_positive CHECK (terms > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
AS SELECT '1' AS project_id, 1000.00 AS amount, 1000.00 AS bid_amount, 3 AS bid_count, 3 AS terms, 6.00 AS annual_rate,
  'BIDDING' AS status, 0 AS republished, NULL AS next_check_at, CURRENT_TIMESTAMP(3) AS create_time,
  CURRENT_TIMESTAMP(3) AS update_time;

-- One bid of each investor; none is changed or taken back.
CREATE TABLE IF NOT EXISTS bid (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  investor_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (project_id, investor_no),
  CONSTRAINT bid_amount_positive CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
AS SELECT '1' AS project_id, investor_no, amount, CURRENT_TIMESTAMP(3) AS create_time
FROM (VALUES ROW('1', 500.00), ROW('2', 333.33), ROW('3', 166.67)) AS example (investor_no, amount);
