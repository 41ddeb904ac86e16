-- The tables of the library. They have the columns and keys of Seata's own scripts for MySQL, so that Java and Node services may
-- share a database; tables that those scripts have made will do, too.
-- An administrator runs this in the database of every service that uses it. May be run again at any time: it
-- creates what is missing and never drops anything. The service's account needs SELECT, INSERT, UPDATE and DELETE on them.

SET NAMES utf8mb4;

-- AT: what a branch has changed, until phase two. log_status 0: an undo log; 1: a marker that keeps phase one from committing
-- after the branch was rolled back. Java names the columns that it writes. `id`, which only Seata's scripts before
-- 1.3.0 had, says in which order the rows were written. Without it they are taken back in the order of their branch ids, which
-- grow as long as one coordinator gives them.
CREATE TABLE IF NOT EXISTS undo_log (
  id BIGINT NOT NULL AUTO_INCREMENT,
  branch_id BIGINT NOT NULL,
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  context VARCHAR(128) NOT NULL,
  rollback_info LONGBLOB NOT NULL,
  log_status INT NOT NULL,
  log_created DATETIME(6) NOT NULL,
  log_modified DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY ux_undo_log (xid, branch_id),
  -- For the purge of old markers.
  KEY ix_log_created (log_created)
) ENGINE = InnoDB;

-- TCC: how far a branch has come. status 1: tried, 2: committed, 3: rolled back, 4: suspended (cancelled before it was tried).
CREATE TABLE IF NOT EXISTS tcc_fence_log (
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  branch_id BIGINT NOT NULL,
  action_name VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  status TINYINT NOT NULL,
  gmt_create DATETIME(3) NOT NULL,
  gmt_modified DATETIME(3) NOT NULL,
  PRIMARY KEY (xid, branch_id),
  KEY idx_gmt_modified (gmt_modified),
  KEY idx_status (status)
) ENGINE = InnoDB;
