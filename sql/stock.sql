-- The database of stock. May be run again at any time: it creates what is missing and never drops or resets anything.
-- As MySQL's administrator:
--
--   mysql -u root < sql/stock.sql && mysql -u root tx_stock < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_stock` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_stock`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_stock'),
  'DO 0',
  'CREATE USER ''tx_stock''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_stock' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_stock`.* TO ''tx_stock''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and
-- utf8mb4_bin ignores trailing spaces.

-- One statement makes a table with its example, or neither: a script that was interrupted makes both when it runs again,
-- and whoever has deleted the example does not get it back.
CREATE TABLE IF NOT EXISTS stock (
  id BIGINT NOT NULL AUTO_INCREMENT,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  total_count BIGINT NOT NULL,
  -- What the audit starts from: the count is this, less what is deducted.
  opening_count BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY product_id (product_id),
  -- The last line: every statement asks first.
  CONSTRAINT total_count_not_negative CHECK (total_count >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
AS SELECT 1 AS id, '1' AS product_id, 100 AS total_count, 100 AS opening_count;

-- One row for every order that was decided about, kept indefinitely: barrier rows are purged, and an order that comes
-- again, or its cancellation, must still find what was decided.
CREATE TABLE IF NOT EXISTS stock_deduction (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  order_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pay_count INT NOT NULL,
  -- RETURNED: the order was cancelled. Its pieces are back; or it never had any, and gets none.
  state ENUM('DEDUCTED', 'REFUSED', 'RETURNED') NOT NULL,
  -- Why it was refused or returned.
  reason VARCHAR(255) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  -- For the audit, which adds up what each product has lost.
  KEY product_id_state (product_id, state)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What was added to products by calls, so that a repeated call adds nothing.
CREATE TABLE IF NOT EXISTS stock_intake (
  intake_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  piece_count BIGINT NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (intake_no)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
