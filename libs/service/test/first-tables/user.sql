CREATE TABLE IF NOT EXISTS user_info (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  UNIQUE KEY user_id (user_id)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS registration (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pattern ENUM('AT', 'TCC') NOT NULL,
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  held_name VARCHAR(100) COLLATE utf8mb4_0900_bin NULL,
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  state ENUM('OPEN', 'COMMITTED', 'ROLLED_BACK') NOT NULL DEFAULT 'OPEN',
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  begin_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  UNIQUE KEY user_id (user_id),
  UNIQUE KEY held_name (held_name),
  KEY state_begin_time (state, begin_time)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS custody_request (
  request_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  state ENUM('NEW', 'REQUESTED', 'OPENED', 'REFUSED') NOT NULL DEFAULT 'NEW',
  custody_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  reason VARCHAR(255) NULL,
  checks INT NOT NULL DEFAULT 0,
  next_check_at DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (request_no),
  KEY user_id (user_id),
  KEY next_check_at (next_check_at)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS custody_webhook (
  webhook_id VARCHAR(255) COLLATE utf8mb4_0900_bin NOT NULL,
  body_hash BINARY(32) NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (webhook_id),
  KEY create_time (create_time)
) ENGINE = InnoDB;
