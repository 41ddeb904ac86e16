import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AccountEntity } from '@txmsg/bank';
import { DatabaseTransactions, type ResendGuard, type TransactionTemplate } from 'txmsg';
import { activeTraceparent } from 'txmsg/building-blocks';
import type { DataSource } from 'typeorm';
import { newServiceDataSource } from '../../../../libs/service/src/provisioning/service-data-source.fixture.js';
import { TelemetrySdk } from '../../../../libs/txmsg/test/telemetry-sdk.js';
import type { Bank1Settings } from '../bank1-settings.js';
import { OutgoingTransferEntity } from '../transfers/outgoing-transfer.entity.js';
import { OutgoingTransferLedger } from '../transfers/outgoing-transfer.ledger.js';
import { Bank2Client } from './bank2.client.js';
import { DueTransfers } from './due-transfers.js';
import { ReconciliationService } from './reconciliation.service.js';

const DATABASE = 'test_bank1_reconciliation';

/** Real MySQL; bank2 is a server that answers as a test says, and what would be sent again is written down. */
describe('ReconciliationService', () => {
  let bank2: Server;
  let answer: { status: number; body: unknown };
  let dataSource: DataSource;
  let service: ReconciliationService;
  let sdk: TelemetrySdk;
  const resent: unknown[] = [];
  /** What bank2 was asked with, and what the message was sent again in. */
  const traces: unknown[] = [];

  beforeAll(async () => {
    sdk = new TelemetrySdk();
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    bank2 = createServer((request, response) => {
      traces.push(request.headers.traceparent);
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => bank2.listen(0, '127.0.0.1', resolve));
    dataSource = await newServiceDataSource('bank1', DATABASE, [AccountEntity, OutgoingTransferEntity]);
    const settings = {
      bank2Url: `http://127.0.0.1:${(bank2.address() as AddressInfo).port}`,
      reconcileAfterMs: 60_000,
    } as Bank1Settings;
    const transactions = new DatabaseTransactions(dataSource);
    const template = {
      resendMessageInTransaction: async (
        _topic: string,
        payload: unknown,
        { guard }: { guard: ResendGuard },
      ) => {
        traces.push(activeTraceparent());
        const agreed = await dataSource.transaction((manager) => guard(manager));
        if (agreed) resent.push(payload);
        return { state: agreed ? 'COMMITTED' : 'ROLLED_BACK' };
      },
    } as unknown as TransactionTemplate;
    const due = new DueTransfers(transactions, settings);
    const client = new Bank2Client(settings);
    service = new ReconciliationService(due, client, new OutgoingTransferLedger(), template, transactions, {
      at: () => Promise.resolve(),
    });
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
    await new Promise((resolve) => bank2.close(resolve));
    sdk.end();
  });

  const transfer = { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '100.00' };

  beforeEach(async () => {
    resent.length = 0;
    traces.length = 0;
    sdk.forgetSpans();
    await dataSource.query('DELETE FROM outgoing_transfer');
    await dataSource.query("UPDATE account_info SET account_balance = '9900.00', status = 'ACTIVE'");
    await dataSource.query(
      `INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount, create_time)
       VALUES ('t-1', '1', '2', '100.00', UTC_TIMESTAMP(3) - INTERVAL 61 SECOND)`,
    );
  });

  const state = async (): Promise<string> => {
    const { state, reason } = await dataSource.manager.findOneByOrFail(OutgoingTransferEntity, {
      txNo: 't-1',
    });
    const account = await dataSource.manager.findOneByOrFail(AccountEntity, { accountNo: '1' });
    return [state, reason, account.accountBalance].join(' ');
  };

  it('completes what bank2 credited', async () => {
    answer = { status: 200, body: { ...transfer, state: 'CREDITED', reason: null } };
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 1, settled: 1 });
    expect(await state()).toBe('COMPLETED  9900.00');
  });

  it('gives back what bank2 refused', async () => {
    answer = { status: 200, body: { ...transfer, state: 'REJECTED', reason: 'ACCOUNT_FROZEN' } };
    await service.reconcile();
    expect(await state()).toBe('REFUNDED ACCOUNT_FROZEN 10000.00');
  });

  it('gives back the money when bank2 has another transfer under the txNo', async () => {
    answer = { status: 200, body: { ...transfer, amount: '7.00', state: 'CREDITED', reason: null } };
    await service.reconcile();
    expect(await state()).toBe('REFUNDED TX_NO_CONFLICT 10000.00');
  });

  it('sends again what bank2 does not know, and not twice at once', async () => {
    answer = { status: 404, body: { code: 'TRANSFER_NOT_FOUND', txNo: 't-1' } };
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 1, republished: 1 });
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 0 });
    expect(resent).toEqual([{ accountChange: transfer }]);
    expect(await state()).toBe('DEBITED  9900.00');
  });

  it.each([
    ["a stranger's 404", 404, { message: 'not found' }],
    ['a 404 about another transfer', 404, { code: 'TRANSFER_NOT_FOUND', txNo: 'other' }],
    ['an error', 500, {}],
    [
      'a document about another transfer',
      200,
      { ...transfer, txNo: 'other', state: 'CREDITED', reason: null },
    ],
    ['a state that does not exist', 200, { ...transfer, state: 'MAYBE', reason: null }],
    ['nothing that is JSON', 200, undefined],
  ])('decides nothing by %s', async (_label, status, body) => {
    answer = { status, body };
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 1, postponed: 1 });
    expect(await state()).toBe('DEBITED  9900.00');
    expect(resent).toEqual([]);
  });

  it('leaves young transfers alone', async () => {
    await dataSource.query('UPDATE outgoing_transfer SET create_time = UTC_TIMESTAMP(3)');
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 0 });
  });

  it('lets one of several instances have each transfer', async () => {
    answer = { status: 404, body: { code: 'TRANSFER_NOT_FOUND', txNo: 't-1' } };
    await Promise.all([service.reconcile(), service.reconcile(), service.reconcile()]);
    expect(resent).toHaveLength(1);
  });

  describe('of a transfer whose row has a traceparent', () => {
    const keep = (traceparent: string): Promise<unknown> =>
      dataSource.query('UPDATE outgoing_transfer SET traceparent = ?', [traceparent]);
    const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

    beforeEach(() => {
      answer = { status: 404, body: { code: 'TRANSFER_NOT_FOUND', txNo: 't-1' } };
    });

    it('asks and sends again in the trace of the call that made it', async () => {
      await keep(`00-${ids.traceId}-${ids.spanId}-01`);
      await expect(service.reconcile()).resolves.toMatchObject({ republished: 1 });
      const [span] = sdk.spans;
      expect(span).toMatchObject({
        name: 'reconciliation',
        parentSpanContext: ids,
        attributes: { 'bank.reconciliation.outcome': 'republished' },
      });
      const inSpan = `00-${ids.traceId}-${span?.spanContext().spanId ?? ''}-01`;
      expect(traces).toEqual([inSpan, inSpan]);
    });

    it.each([
      ['junk', 'junk'],
      ['ids of zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
      ['another version', `ff-${ids.traceId}-${ids.spanId}-01`],
      ['characters of a header', `x\r\ntraceparent: 00-${'c'.repeat(30)}`],
    ])('begins a trace when that is %s', async (_what, traceparent) => {
      await keep(traceparent);
      await expect(service.reconcile()).resolves.toMatchObject({ republished: 1 });
      expect(sdk.spans.map(({ name, parentSpanContext }) => [name, parentSpanContext])).toEqual([
        ['reconciliation', undefined],
      ]);
      expect(resent).toHaveLength(1);
    });
  });

  describe('of one transfer, on demand', () => {
    it('looks it up at once, however young it is', async () => {
      await dataSource.query('UPDATE outgoing_transfer SET create_time = UTC_TIMESTAMP(3)');
      answer = { status: 200, body: { ...transfer, state: 'CREDITED', reason: null } };
      await expect(service.reconcileOne('t-1')).resolves.toMatchObject({ checked: 1, settled: 1 });
      expect(await state()).toBe('COMPLETED  9900.00');
    });

    it('looks nothing up that has ended', async () => {
      await dataSource.query("UPDATE outgoing_transfer SET state = 'REFUNDED'");
      answer = { status: 404, body: { code: 'TRANSFER_NOT_FOUND', txNo: 't-1' } };
      await expect(service.reconcileOne('t-1')).resolves.toMatchObject({ checked: 0 });
      expect(resent).toEqual([]);
    });

    it('knows when there is none', async () => {
      await expect(service.reconcileOne('other')).resolves.toBeUndefined();
    });
  });
});
