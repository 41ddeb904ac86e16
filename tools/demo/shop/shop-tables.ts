import { serviceNamed } from '@txmsg/contracts';
import type { RowDataPacket } from 'mysql2/promise';
import { SceneTables } from '../scene-tables.js';

const STOCK = `${serviceNamed('stock').database}.stock`;
const DEDUCTION = `${serviceNamed('stock').database}.stock_deduction`;
const ORDER = `${serviceNamed('order').database}.\`order\``;

/** What the scene does in the tables themselves, because stock does not run at that moment. */
export class ShopTables extends SceneTables {
  /** As `POST /stock/products` does. The product is new, or gets more pieces. */
  async bringIn(productId: string, count: number): Promise<void> {
    await this.use((connection) =>
      connection.execute(
        `INSERT INTO ${STOCK} (product_id, total_count, opening_count) VALUES (?, ?, ?) AS brought
         ON DUPLICATE KEY UPDATE total_count = stock.total_count + brought.total_count,
           opening_count = stock.opening_count + brought.opening_count`,
        [productId, count, count],
      ),
    );
  }

  async left(productId: string): Promise<number> {
    const [rows] = await this.use((connection) =>
      connection.execute<RowDataPacket[]>(`SELECT total_count AS pieces FROM ${STOCK} WHERE product_id = ?`, [
        productId,
      ]),
    );
    return Number(rows[0]?.pieces);
  }

  /** Removes orders, with their products, as if they had never been. */
  async remove(txNos: readonly string[]): Promise<void> {
    if (txNos.length === 0) return;
    await this.use(async (connection) => {
      await connection.query(`DELETE FROM ${DEDUCTION} WHERE tx_no IN (?)`, [txNos]);
      await connection.query(`DELETE FROM ${STOCK} WHERE product_id IN (?)`, [txNos]);
      await connection.query(`DELETE FROM ${ORDER} WHERE tx_no IN (?)`, [txNos]);
    });
  }
}
