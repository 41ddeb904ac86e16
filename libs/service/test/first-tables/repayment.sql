CREATE TABLE IF NOT EXISTS repayment_plan (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  bid_count INT NOT NULL,
  terms INT NOT NULL,
  annual_rate DECIMAL(5,2) NOT NULL,
  state ENUM('PLANNING', 'READY', 'FAILED') NOT NULL DEFAULT 'PLANNING',
  reason VARCHAR(255) NULL,
  investors_made INT NOT NULL DEFAULT 0,
  instalments_made INT NOT NULL DEFAULT 0,
  principal_made DECIMAL(19,2) NOT NULL DEFAULT 0,
  interest_made DECIMAL(19,2) NOT NULL DEFAULT 0,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (project_id)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS repayment_instalment (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  investor_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  instalment_no INT NOT NULL,
  principal DECIMAL(19,2) NOT NULL,
  interest DECIMAL(19,2) NOT NULL,
  PRIMARY KEY (project_id, investor_no, instalment_no)
) ENGINE = InnoDB;
