CREATE TABLE IF NOT EXISTS txmsg_identity (
  id TINYINT NOT NULL,
  database_id CHAR(36) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT txmsg_identity_has_one_row CHECK (id = 1)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS de_duplication (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  scope VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  attempt VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  outcome ENUM('COMMIT', 'ROLLBACK') NOT NULL,
  contents_hash BINARY(32) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no, scope, attempt),
  KEY create_time (create_time)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS txmsg_scope (
  scope VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  role ENUM('PRODUCER', 'CONSUMER') NOT NULL,
  topic VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (scope)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS local_message (
  id BIGINT NOT NULL AUTO_INCREMENT,
  topic VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  body MEDIUMBLOB NOT NULL,
  properties JSON NULL,
  state ENUM('PENDING', 'PUBLISHED') NOT NULL DEFAULT 'PENDING',
  attempts INT NOT NULL DEFAULT 0,
  next_attempt_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  lease_owner VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  lease_until DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  published_time DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY state_next_attempt_at (state, next_attempt_at),
  KEY state_published_time (state, published_time)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS durable_job (
  kind VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  job_key VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  state ENUM('PENDING', 'DONE', 'FAILED') NOT NULL DEFAULT 'PENDING',
  input MEDIUMTEXT NOT NULL,
  contents_hash BINARY(32) NOT NULL,
  step_cursor MEDIUMTEXT NULL,
  steps INT NOT NULL DEFAULT 0,
  failures INT NOT NULL DEFAULT 0,
  error VARCHAR(2000) NULL,
  next_run_at DATETIME(3) NOT NULL,
  lease_owner VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  properties JSON NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  end_time DATETIME(3) NULL,
  PRIMARY KEY (kind, job_key),
  KEY state_kind_next_run_at (state, kind, next_run_at),
  KEY state_end_time (state, end_time)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS dead_letter (
  id BIGINT NOT NULL AUTO_INCREMENT,
  consumer_group VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  topic VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  message_id VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  dedup_key BINARY(32) NOT NULL,
  contents_hash BINARY(32) NULL,
  reason VARCHAR(32) COLLATE utf8mb4_0900_bin NOT NULL,
  detail VARCHAR(2000) NOT NULL DEFAULT '',
  body MEDIUMBLOB NOT NULL,
  properties MEDIUMTEXT NULL,
  delivery_attempt INT NOT NULL DEFAULT 1,
  state ENUM('OPEN', 'REDRIVEN', 'DISMISSED') NOT NULL DEFAULT 'OPEN',
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY consumer_group_dedup_key (consumer_group, dedup_key),
  KEY state_create_time (state, create_time)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS dead_letter_action (
  id BIGINT NOT NULL AUTO_INCREMENT,
  dead_letter_id BIGINT NOT NULL,
  action ENUM('REDRIVE', 'DISMISS', 'REOPEN') NOT NULL,
  actor VARCHAR(64) NULL,
  note VARCHAR(500) NOT NULL DEFAULT '',
  outcome VARCHAR(32) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  KEY dead_letter_id (dead_letter_id)
) ENGINE = InnoDB;
