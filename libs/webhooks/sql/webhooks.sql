-- The tables of the library. An administrator runs this in the database of every service that uses it, after txmsg.sql.
-- May be run again at any time: it creates what is missing and never drops anything. The service's account needs
-- SELECT, INSERT, UPDATE and DELETE on them.

SET NAMES utf8mb4;
-- An ALTER TABLE waits for transactions that use the table, and new ones wait for it: it gives up soon, and the script
-- is run again.
SET SESSION lock_wait_timeout = 10;

-- Who is called. A row is kept when its subscriber is deleted: its deliveries go on naming it.
CREATE TABLE IF NOT EXISTS webhook_subscriber (
  id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  url VARCHAR(2048) COLLATE utf8mb4_0900_bin NOT NULL,
  -- A JSON array of the types that it hears of.
  events JSON NOT NULL,
  -- OFF: nobody calls it, since an operator said so or it answered 410; DELETED: nobody will any more.
  state ENUM('ACTIVE', 'OFF', 'DELETED') NOT NULL DEFAULT 'ACTIVE',
  state_reason VARCHAR(200) NULL,
  -- A JSON array of seconds: the pauses between one call and the next. Absent: the service's.
  ladder JSON NULL,
  jitter DECIMAL(4,3) NULL,
  -- What the body of an answer must be, to acknowledge. Absent: every answer 2xx does.
  expect_body VARCHAR(200) COLLATE utf8mb4_0900_bin NULL,
  allow_private_addresses BOOLEAN NOT NULL DEFAULT FALSE,
  create_time DATETIME(3) NOT NULL,
  update_time DATETIME(3) NOT NULL,
  -- The name of a deleted one may be given again.
  name_in_use VARCHAR(100) COLLATE utf8mb4_0900_bin AS (IF(state = 'DELETED', NULL, name)) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY name_in_use (name_in_use)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What calls are signed with; two at a time while a receiver changes to the newer one.
CREATE TABLE IF NOT EXISTS webhook_secret (
  subscriber_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- AES-256-GCM under a key that the service's settings hold, bound to this row.
  sealed VARBINARY(255) NOT NULL,
  create_time DATETIME(3) NOT NULL,
  -- When it stops being used; absent for the newest.
  expire_time DATETIME(3) NULL,
  PRIMARY KEY (subscriber_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One thing that one subscriber is to be told.
CREATE TABLE IF NOT EXISTS webhook_delivery (
  -- Also the header webhook-id of every call.
  id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  subscriber_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  type VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  -- As it is sent, the same with every call: the signature is over these bytes.
  body MEDIUMTEXT NOT NULL,
  -- Tells a repeated enqueue from one with other contents.
  contents_hash BINARY(32) NOT NULL,
  state ENUM('PENDING', 'ACKNOWLEDGED', 'GIVEN_UP') NOT NULL DEFAULT 'PENDING',
  -- Why it was given up.
  reason VARCHAR(32) NULL,
  -- The calls since it was enqueued, or re-driven: where it stands on the ladder.
  calls INT NOT NULL DEFAULT 0,
  -- All calls: what webhook_call numbers.
  calls_total INT NOT NULL DEFAULT 0,
  -- When the next call is due by the ladder.
  due_at DATETIME(3) NOT NULL,
  -- When a worker may claim it: the same, or the end of the lease while one has claimed it.
  claim_at DATETIME(3) NOT NULL,
  -- The claim that may record a call; absent when no worker has it.
  lease_owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  create_time DATETIME(3) NOT NULL,
  -- When it was acknowledged or given up.
  end_time DATETIME(3) NULL,
  -- The only unique key: secondary ones take next-key locks even in READ COMMITTED.
  PRIMARY KEY (id),
  -- What is due, subscriber by subscriber: the first of each is found without walking over the others.
  KEY state_subscriber_claim_at (state, subscriber_id, claim_at),
  KEY subscriber_id_id (subscriber_id, id),
  -- What is old enough to be deleted.
  KEY state_end_time (state, end_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Every call that was made and recorded.
CREATE TABLE IF NOT EXISTS webhook_call (
  delivery_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  number INT NOT NULL,
  -- When it was claimed to be made.
  call_time DATETIME(3) NOT NULL,
  duration_ms INT NOT NULL,
  outcome VARCHAR(32) COLLATE utf8mb4_0900_bin NOT NULL,
  -- Absent when there was no answer.
  status SMALLINT NULL,
  detail VARCHAR(500) NOT NULL DEFAULT '',
  -- The first bytes of the answer's body.
  answer VARBINARY(1024) NULL,
  PRIMARY KEY (delivery_id, number)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Migrations: what was changed in a table since it was first made. Each looks first whether it has been made. For a new
-- character set MySQL copies the table, and writes to it wait.

-- @migration webhook_subscriber.utf8mb4: texts have the character set of the database, which may not hold the reason that an operator gives
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'webhook_subscriber'
      AND COLUMN_NAME = 'state_reason' AND CHARACTER_SET_NAME <> 'utf8mb4'
  ),
  'ALTER TABLE webhook_subscriber MODIFY state_reason VARCHAR(200) CHARACTER SET utf8mb4 NULL, DEFAULT CHARSET = utf8mb4',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

-- @migration webhook_delivery.utf8mb4: texts have the character set of the database, and a delivery whose body it cannot hold cannot be enqueued
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'webhook_delivery'
      AND COLUMN_NAME IN ('body', 'reason') AND CHARACTER_SET_NAME <> 'utf8mb4'
  ),
  'ALTER TABLE webhook_delivery MODIFY body MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL, MODIFY reason VARCHAR(32) CHARACTER SET utf8mb4 NULL, DEFAULT CHARSET = utf8mb4',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;

-- @migration webhook_call.utf8mb4: texts have the character set of the database, and a call whose error text it cannot hold is never recorded
SET @migration = IF(
  EXISTS (
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'webhook_call'
      AND COLUMN_NAME = 'detail' AND CHARACTER_SET_NAME <> 'utf8mb4'
  ),
  'ALTER TABLE webhook_call MODIFY detail VARCHAR(500) CHARACTER SET utf8mb4 NOT NULL DEFAULT '''', DEFAULT CHARSET = utf8mb4',
  'DO 0'
);
PREPARE migration FROM @migration;
EXECUTE migration;
DEALLOCATE PREPARE migration;
