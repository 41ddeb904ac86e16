CREATE TABLE IF NOT EXISTS custody_request (
  request_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  name VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  status ENUM('PROCESSING', 'OPENED', 'REFUSED') NOT NULL DEFAULT 'PROCESSING',
  custody_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NULL,
  reason VARCHAR(255) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (request_no),
  KEY status_create_time (status, create_time)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS custody_account (
  user_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  custody_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  request_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (user_id),
  UNIQUE KEY custody_account_no (custody_account_no)
) ENGINE = InnoDB;
