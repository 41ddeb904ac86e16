-- The database of order. May be run again at any time: it creates what is missing and never drops or resets anything.
-- As MySQL's administrator:
--
--   mysql -u root < sql/order.sql && mysql -u root tx_order < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;
-- An ALTER TABLE waits for transactions that use the table, and new ones wait for it: it gives up soon, and the script
-- is run again.
SET SESSION lock_wait_timeout = 10;

CREATE DATABASE IF NOT EXISTS `tx_order` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_order`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_order'),
  'DO 0',
  'CREATE USER ''tx_order''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_order' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_order`.* TO ''tx_order''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and
-- utf8mb4_bin ignores trailing spaces.

-- One row for every order that was accepted; order_no and tx_no stay unique indefinitely.
CREATE TABLE IF NOT EXISTS `order` (
  id BIGINT NOT NULL AUTO_INCREMENT,
  order_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pay_count INT NOT NULL,
  status ENUM('PENDING', 'CONFIRMED', 'CANCELLED') NOT NULL DEFAULT 'PENDING',
  -- Why it was cancelled.
  reason VARCHAR(255) NULL,
  -- When stock is asked about it. NULL: nothing is to be learnt any more, order and stock agree. Not only PENDING orders
  -- have one: so has an order that was cancelled until stock says that the pieces are back.
  next_check_at DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY order_no (order_no),
  UNIQUE KEY tx_no (tx_no),
  KEY next_check_at (next_check_at),
  -- The orders in one status, page by page.
  KEY status_order_no (status, order_no),
  CONSTRAINT pay_count_positive CHECK (pay_count > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Migrations: what was added to a table since it was first made. Each looks first whether it has been made, and lets
-- the service write meanwhile.

-- @migration order.status_order_no: without this index, a page of the orders in a status that few have reads the whole table
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.STATISTICS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'order' AND INDEX_NAME = 'status_order_no'
  ),
  'DO 0',
  'ALTER TABLE `order` ADD KEY status_order_no (status, order_no), ALGORITHM = INPLACE, LOCK = NONE'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
