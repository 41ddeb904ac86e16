CREATE TABLE IF NOT EXISTS webhook_subscriber (
  id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  url VARCHAR(2048) COLLATE utf8mb4_0900_bin NOT NULL,
  events JSON NOT NULL,
  state ENUM('ACTIVE', 'OFF', 'DELETED') NOT NULL DEFAULT 'ACTIVE',
  state_reason VARCHAR(200) NULL,
  ladder JSON NULL,
  jitter DECIMAL(4,3) NULL,
  expect_body VARCHAR(200) COLLATE utf8mb4_0900_bin NULL,
  allow_private_addresses BOOLEAN NOT NULL DEFAULT FALSE,
  create_time DATETIME(3) NOT NULL,
  update_time DATETIME(3) NOT NULL,
  name_in_use VARCHAR(100) COLLATE utf8mb4_0900_bin AS (IF(state = 'DELETED', NULL, name)) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY name_in_use (name_in_use)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS webhook_secret (
  subscriber_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sealed VARBINARY(255) NOT NULL,
  create_time DATETIME(3) NOT NULL,
  expire_time DATETIME(3) NULL,
  PRIMARY KEY (subscriber_id, id)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS webhook_delivery (
  id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  subscriber_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  type VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  body MEDIUMTEXT NOT NULL,
  contents_hash BINARY(32) NOT NULL,
  state ENUM('PENDING', 'ACKNOWLEDGED', 'GIVEN_UP') NOT NULL DEFAULT 'PENDING',
  reason VARCHAR(32) NULL,
  calls INT NOT NULL DEFAULT 0,
  calls_total INT NOT NULL DEFAULT 0,
  due_at DATETIME(3) NOT NULL,
  claim_at DATETIME(3) NOT NULL,
  lease_owner CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  create_time DATETIME(3) NOT NULL,
  end_time DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY state_subscriber_claim_at (state, subscriber_id, claim_at),
  KEY subscriber_id_id (subscriber_id, id),
  KEY state_end_time (state, end_time)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS webhook_call (
  delivery_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  number INT NOT NULL,
  call_time DATETIME(3) NOT NULL,
  duration_ms INT NOT NULL,
  outcome VARCHAR(32) COLLATE utf8mb4_0900_bin NOT NULL,
  status SMALLINT NULL,
  detail VARCHAR(500) NOT NULL DEFAULT '',
  answer VARBINARY(1024) NULL,
  PRIMARY KEY (delivery_id, number)
) ENGINE = InnoDB;
