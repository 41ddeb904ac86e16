import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { BoundedRead } from '@txmsg/service';
import { createServiceDatabase } from '@txmsg/service/provisioning';
import { mysqlDataSourceOptions } from 'txmsg';
import { DataSource, type EntityManager } from 'typeorm';
import { newServiceDataSource } from '../../../../libs/service/src/provisioning/service-data-source.fixture.js';
import { OrderEntity } from './order.entity.js';
import { OrdersReader, type PageRequest } from './orders.reader.js';

const DATABASE = 'test_order_orders_reader';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const ROWS = 5000;
const FIRST_PAGE: PageRequest = { status: 'PENDING', after: undefined, size: 20 };

describe('a page of the orders in a status that few have', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await newServiceDataSource('order', DATABASE, [OrderEntity]);
    // Each thousandth is PENDING.
    await dataSource.query(
      `INSERT INTO \`order\` (order_no, tx_no, product_id, pay_count, status)
       SELECT CONCAT('o-', n), CONCAT('t-', n), 'p', 1, IF(n % 1000 = 0, 'PENDING', 'CONFIRMED')
       FROM JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY)) AS made`,
      [JSON.stringify(Array.from({ length: ROWS }, () => 0))],
    );
    await dataSource.query('ANALYZE TABLE `order`');
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
  });

  /** How MySQL carries out the statement of the reader. */
  const planOf = async (page: PageRequest): Promise<object | undefined> => {
    const runner = dataSource.createQueryRunner();
    try {
      const statements = jest.spyOn(runner, 'query');
      const read = {
        run: <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> => work(runner.manager),
      };
      await new OrdersReader(read as BoundedRead).page(page);
      const [sql, parameters] = statements.mock.lastCall as unknown as [string, unknown[]];
      const [plan] = await dataSource.query<object[]>(`EXPLAIN ${sql}`, parameters);
      return plan;
    } finally {
      await runner.release();
    }
  };

  it.each([
    ['the first one', FIRST_PAGE],
    ['a later one', { ...FIRST_PAGE, after: 'o-1000' }],
  ])('is read by index, in the order of orderNo: %s', async (_which, page) => {
    const plan = await planOf(page);
    expect(plan).toMatchObject({ key: 'status_order_no' });
    expect(plan).not.toMatchObject({ Extra: expect.stringContaining('filesort') as unknown });
  });

  it('is read so in a table of an earlier version, once the script was run again', async () => {
    const root = await new DataSource({
      ...mysqlDataSourceOptions(new URL(DATABASE, rootUrl).href, { connectTimeoutMs: 30_000 }),
    }).initialize();
    try {
      await root.query('ALTER TABLE `order` DROP KEY status_order_no');
    } finally {
      await root.destroy();
    }
    expect(await planOf(FIRST_PAGE)).not.toMatchObject({ key: 'status_order_no' });
    await createServiceDatabase(rootUrl, 'order', DATABASE);
    expect(await planOf(FIRST_PAGE)).toMatchObject({ key: 'status_order_no' });
  });
});
