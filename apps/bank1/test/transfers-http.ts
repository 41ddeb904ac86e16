import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BoundedRead, createServiceHttp, loadSettings, ServiceSettings } from '@txmsg/service';
import { TransactionTemplate } from 'txmsg';
import { Bank1Settings } from '../src/bank1-settings.js';
import { ClassicTransferController } from '../src/transfers/classic-transfer.controller.js';
import { OutgoingTransferReader } from '../src/transfers/outgoing-transfer.reader.js';
import { TransferService } from '../src/transfers/transfer.service.js';
import { TransfersController } from '../src/transfers/transfers.controller.js';

export const order = { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '100.00' };
export const receipt = { ...order, state: 'DEBITED' };

type Send = (
  topic: string,
  payload: { accountChange: typeof order },
  options: { txNo: string },
) => Promise<unknown>;

/** bank1's transfer routes over a library and a table that answer whatever a test wants. */
export class TransfersHttp {
  readonly send = jest.fn<Send>();
  readonly findOneByOrFail = jest.fn<(entity: unknown, where: object) => Promise<unknown>>();

  private constructor() {
    this.answerAsUsual();
  }

  static async start(
    environment: Record<string, string> = {},
  ): Promise<TransfersHttp & { app: NestFastifyApplication }> {
    for (const level of ['warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    const http = new TransfersHttp();
    return Object.assign(http, { app: await http.createApplication(environment) });
  }

  /** Every transfer commits at once; the table knows `order`. */
  answerAsUsual(): void {
    this.send
      .mockReset()
      .mockImplementation((_topic, { accountChange }, { txNo }) =>
        Promise.resolve({ state: 'COMMITTED', duplicate: false, txNo, result: accountChange }),
      );
    this.findOneByOrFail.mockReset().mockResolvedValue({ ...order, state: 'COMPLETED' });
  }

  private async createApplication(environment: Record<string, string>): Promise<NestFastifyApplication> {
    const settings = loadSettings(Bank1Settings, {
      MYSQL_URL: 'mysql://u:p@localhost/none',
      ROCKETMQ_ENDPOINTS: 'localhost:1',
      LOG_LEVEL: 'fatal',
      ...environment,
    });
    const { findOneByOrFail, send: sendMessageInTransaction } = this;
    const app = await createServiceHttp(
      {
        controllers: [ClassicTransferController, TransfersController],
        providers: [
          TransferService,
          OutgoingTransferReader,
          {
            provide: BoundedRead,
            useValue: { run: (read: (manager: object) => unknown) => read({ findOneByOrFail }) },
          },
          { provide: Bank1Settings, useValue: settings },
          { provide: ServiceSettings, useExisting: Bank1Settings },
          { provide: TransactionTemplate, useValue: { sendMessageInTransaction } },
        ],
      },
      settings,
      'bank1',
    );
    await app.init();
    return app;
  }
}
