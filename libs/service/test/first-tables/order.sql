CREATE TABLE IF NOT EXISTS `order` (
  id BIGINT NOT NULL AUTO_INCREMENT,
  order_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  product_id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
  pay_count INT NOT NULL,
  status ENUM('PENDING', 'CONFIRMED', 'CANCELLED') NOT NULL DEFAULT 'PENDING',
  reason VARCHAR(255) NULL,
  next_check_at DATETIME(3) NULL,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  update_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY order_no (order_no),
  UNIQUE KEY tx_no (tx_no),
  KEY next_check_at (next_check_at),
  CONSTRAINT pay_count_positive CHECK (pay_count > 0)
) ENGINE = InnoDB;
