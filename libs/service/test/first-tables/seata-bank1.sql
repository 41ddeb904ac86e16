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

CREATE TABLE IF NOT EXISTS transfer (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pattern ENUM('AT', 'TCC') NOT NULL,
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  to_account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  amount DECIMAL(19,2) NOT NULL,
  xid VARCHAR(128) COLLATE utf8mb4_0900_bin NOT NULL,
  state ENUM('OPEN', 'COMMITTED', 'ROLLED_BACK') NOT NULL DEFAULT 'OPEN',
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  begin_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  KEY state_begin_time (state, begin_time),
  KEY xid (xid),
  CONSTRAINT transfer_amount_positive CHECK (amount > 0)
) ENGINE = InnoDB;
