CREATE TABLE IF NOT EXISTS txmsg_scope (
  scope VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  role ENUM('PRODUCER', 'CONSUMER') NOT NULL,
  topic VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (scope)
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
