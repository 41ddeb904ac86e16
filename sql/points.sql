-- The database of points, which keeps the points of users. May be run again at any time: it creates what is missing and
-- never drops or resets anything. As MySQL's administrator:
--
--   mysql -u root < sql/points.sql && mysql -u root tx_points < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_points` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_points`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_points'),
  'DO 0',
  'CREATE USER ''tx_points''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a service cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_points' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_points`.* TO ''tx_points''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and utf8mb4_bin ignores
-- trailing spaces.

-- One row for every registration whose points were added, kept indefinitely: tx_no stays unique also after the barrier's row is
-- gone. It is inserted before the account is changed, which is the lock order of every transaction here.
CREATE TABLE IF NOT EXISTS points_grant (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- What was added: the setting may be another one the next time.
  points INT UNSIGNED NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The sum of a user's grants; the first one opens the account.
CREATE TABLE IF NOT EXISTS points_account (
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  points INT UNSIGNED NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
