import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import type { WebhookDeliveries } from '@txmsg/webhooks';
import { DatabaseUnavailableError } from 'txmsg';
import { NotificationsController } from './notifications.controller.js';

describe('a re-drive of a notification', () => {
  beforeAll(() => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });

  const redrive = (deliveries: Partial<WebhookDeliveries>): Promise<unknown> =>
    new NotificationsController(deliveries as WebhookDeliveries).redrive('n-1');
  const away = (): Promise<never> => Promise.reject(new DatabaseUnavailableError('away'));

  it('is answered 503 when the database was away: nothing was done', async () => {
    await expect(redrive({ redrive: away })).rejects.toMatchObject({ code: ProblemCode.SERVICE_UNAVAILABLE });
  });

  it('is not answered 503 when the database was away only after the re-drive', async () => {
    const answer = redrive({ redrive: () => Promise.resolve('REDRIVEN'), find: away });
    await expect(answer).rejects.toMatchObject({
      code: ProblemCode.OUTCOME_UNKNOWN,
      detail: expect.stringContaining('The change was made') as unknown,
    });
  });
});
