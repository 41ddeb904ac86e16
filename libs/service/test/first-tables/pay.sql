CREATE TABLE IF NOT EXISTS account_pay (
  id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  account_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pay_amount DECIMAL(19,2) NOT NULL,
  result ENUM('success', 'fail') NOT NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  CONSTRAINT pay_amount_positive CHECK (pay_amount > 0)
) ENGINE = InnoDB;
