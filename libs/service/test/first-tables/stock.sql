CREATE TABLE IF NOT EXISTS stock (
  id BIGINT NOT NULL AUTO_INCREMENT,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  total_count BIGINT NOT NULL,
  opening_count BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY product_id (product_id),
  CONSTRAINT total_count_not_negative CHECK (total_count >= 0)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS stock_deduction (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  order_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pay_count INT NOT NULL,
  state ENUM('DEDUCTED', 'REFUSED', 'RETURNED') NOT NULL,
  reason VARCHAR(255) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (tx_no),
  KEY product_id_state (product_id, state)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS stock_intake (
  intake_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  piece_count BIGINT NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (intake_no)
) ENGINE = InnoDB;
