CREATE TABLE IF NOT EXISTS account_info (
  id BIGINT NOT NULL AUTO_INCREMENT,
  account_name VARCHAR(100) NOT NULL,
  account_no VARCHAR(100) COLLATE utf8mb4_0900_bin NOT NULL,
  account_balance DECIMAL(19,2) NOT NULL,
  opening_balance DECIMAL(19,2) NOT NULL DEFAULT 0,
  reserved DECIMAL(19,2) NOT NULL DEFAULT 0,
  status ENUM('ACTIVE', 'FROZEN') NOT NULL DEFAULT 'ACTIVE',
  PRIMARY KEY (id),
  UNIQUE KEY account_no (account_no),
  CONSTRAINT account_balance_not_negative CHECK (account_balance >= 0),
  CONSTRAINT account_reserved_not_negative CHECK (reserved >= 0)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS credit (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pattern ENUM('AT', 'TCC') NOT NULL,
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  state ENUM('RESERVED', 'CREDITED') NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  KEY xid (xid),
  CONSTRAINT credit_amount_positive CHECK (amount > 0)
) ENGINE = InnoDB;
