CREATE TABLE IF NOT EXISTS account_info (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account_name VARCHAR(100) NOT NULL,
  account_no VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  account_balance DECIMAL(19,2) NOT NULL,
  opening_balance DECIMAL(19,2) NOT NULL DEFAULT 0,
  status ENUM('ACTIVE', 'FROZEN') NOT NULL DEFAULT 'ACTIVE',
  PRIMARY KEY (id),
  UNIQUE KEY account_no (account_no),
  CONSTRAINT account_balance_not_negative CHECK (account_balance >= 0)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS incoming_transfer (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  to_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  state ENUM('CREDITED', 'REJECTED') NOT NULL,
  reason VARCHAR(255) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no)
) ENGINE = InnoDB;
