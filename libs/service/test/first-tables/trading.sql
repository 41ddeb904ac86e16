CREATE TABLE IF NOT EXISTS project (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  bid_amount DECIMAL(19,2) NOT NULL DEFAULT 0,
  bid_count INT NOT NULL DEFAULT 0,
  terms INT NOT NULL,
  annual_rate DECIMAL(5,2) NOT NULL,
  status ENUM('BIDDING', 'REPAYING') NOT NULL DEFAULT 'BIDDING',
  republished INT NOT NULL DEFAULT 0,
  next_check_at DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (project_id),
  KEY next_check_at (next_check_at),
  CONSTRAINT project_not_overbid CHECK (bid_amount <= amount),
  CONSTRAINT project_terms_positive CHECK (terms > 0)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS bid (
  project_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  investor_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (project_id, investor_no),
  CONSTRAINT bid_amount_positive CHECK (amount > 0)
) ENGINE = InnoDB;
