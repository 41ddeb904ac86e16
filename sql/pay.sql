-- The database of pay, which takes payments for top-ups. May be run again at any time: it creates what is missing and never
-- drops or resets anything. As MySQL's administrator:
--
--   mysql -u root < sql/pay.sql && mysql -u root bank1_pay < libs/txmsg/sql/txmsg.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `bank1_pay` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `bank1_pay`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'bank1_pay'),
  'DO 0',
  'CREATE USER ''bank1_pay''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a service cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'bank1_pay' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `bank1_pay`.* TO ''bank1_pay''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- Identifiers compare by code point (utf8mb4_0900_bin): the default collation takes `a` for `A`, and utf8mb4_bin ignores
-- trailing spaces.

-- One row for every payment that has ended, kept indefinitely: whoever has not heard of its end asks for it, at any time. The
-- message about it is written in the same transaction.
CREATE TABLE IF NOT EXISTS account_pay (
  -- The txNo of the payment.
  id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  -- At the receiver of the money; pay does not know whether it is there.
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pay_amount DECIMAL(19,2) NOT NULL,
  result ENUM('success', 'fail') NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  CONSTRAINT pay_amount_positive CHECK (pay_amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
