import 'reflect-metadata';
import { mysqlDataSourceOptions } from 'txmsg';
import { DataSource } from 'typeorm';
import { servePayments } from '../payment-server.js';
import { XA_DECISION_TABLE, XaTransfer } from './xa-transfer.js';

/** The smallest service that pays by XA: payer and coordinator in one process, which reaches both databases. */
const { PORT, MYSQL_URL = '', PAYEE_MYSQL_URL = '' } = process.env;
/** A branch holds its connection to the end; fewer than callers, and they wait for each other. */
const CONNECTIONS = 64;

const open = (url: string): Promise<DataSource> =>
  new DataSource(mysqlDataSourceOptions(url, { connectionLimit: CONNECTIONS })).initialize();
const [payer, payee, decisions] = [await open(MYSQL_URL), await open(PAYEE_MYSQL_URL), await open(MYSQL_URL)];
await decisions.query(XA_DECISION_TABLE);
const transfer = new XaTransfer({ payer, payee, decisions });
await transfer.recover();

servePayments(Number(PORT), {
  pay: async (payment) => {
    await transfer.pay(payment);
    return true;
  },
  isReady: () => true,
});
