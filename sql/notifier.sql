-- The database of notifier, which tells subscribers by HTTP what became of things. May be run again at any time: it creates
-- what is missing and never drops or resets anything. As MySQL's administrator:
--
--   mysql -u root < sql/notifier.sql && mysql -u root tx_notifier < libs/txmsg/sql/txmsg.sql &&
--     mysql -u root tx_notifier < libs/webhooks/sql/webhooks.sql
--
-- The password below is for local development; elsewhere create the account yourself before running this
-- (an existing account keeps its password).

SET NAMES utf8mb4;

CREATE DATABASE IF NOT EXISTS `tx_notifier` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE `tx_notifier`;

-- '%' because the service may run on another host or in a container; where MySQL listens is its own setting.
-- None is made where MySQL has one of this name already, on whatever host: this password is public.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_notifier'),
  'DO 0',
  'CREATE USER ''tx_notifier''@''%'' IDENTIFIED BY ''local-development-only'''
);
PREPARE account FROM @account;
EXECUTE account;
-- Its own database only, and no DDL: a service cannot damage its tables or read its neighbour's.
SET @account = IF(
  EXISTS (SELECT 1 FROM mysql.user WHERE User = 'tx_notifier' AND Host = '%'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `tx_notifier`.* TO ''tx_notifier''@''%''',
  'DO 0'
);
PREPARE account FROM @account;
EXECUTE account;
DEALLOCATE PREPARE account;

-- It has no tables of its own: subscribers and notifications are those of libs/webhooks.
