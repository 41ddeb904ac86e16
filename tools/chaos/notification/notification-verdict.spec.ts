import { describe, expect, it } from '@jest/globals';
import {
  judgeNotifications,
  type DeliveryRow,
  type EventRow,
  type Subscription,
} from './notification-verdict.js';

const EVENT: EventRow = { txNo: 't-1', type: 'topup.result', said: '1.00' };
const EFFECT = { webhookId: 'msg_1', data: { id: 't-1', payAmount: '1.00' } };
const DELIVERY: DeliveryRow = {
  ...{ id: 'msg_1', subscriber: 's', type: 'topup.result', txNo: 't-1' },
  ...{ state: 'ACKNOWLEDGED', lease: null },
};

const subscription = (
  acknowledged: readonly string[],
  effects: readonly (typeof EFFECT)[],
  unproven: string[] = [],
): Subscription => ({
  ...{ id: 's', name: 'shop', events: ['topup.result'], acknowledged: new Set(acknowledged) },
  receiver: { effects: [...effects], unproven, calls: 1, repeated: 0 },
});
const judge = (one: Subscription, rows: readonly DeliveryRow[] = [DELIVERY], events = [EVENT]): string[] =>
  judgeNotifications([one], rows, events).map(({ what }) => what);

describe('judgeNotifications', () => {
  it('finds nothing in what was acknowledged with one effect, and in what was given up with one or none', () => {
    expect(judge(subscription(['msg_1'], [EFFECT]))).toEqual([]);
    const givenUp: DeliveryRow = { ...DELIVERY, state: 'GIVEN_UP' };
    expect(judge(subscription([], [EFFECT]), [givenUp])).toEqual([]);
    expect(judge(subscription([], []), [givenUp])).toEqual([]);
  });

  it.each([
    ['no receiver has acknowledged', subscription([], [EFFECT]), 'shop has never acknowledged it'],
    ['had two effects', subscription(['msg_1'], [EFFECT, EFFECT]), 'had 2 effects at shop'],
    ['had none', subscription(['msg_1'], []), 'had 0 effects at shop'],
    ['nobody could sign', subscription(['msg_1'], [EFFECT], ['msg_2']), 'by somebody who cannot sign'],
  ])('finds what is ACKNOWLEDGED and %s', (_case, one, what) => {
    expect(judge(one)).toEqual([expect.stringContaining(what)]);
  });

  it('finds what is PENDING, still claimed, untold, told of nothing, or told otherwise', () => {
    const one = subscription(['msg_1'], [EFFECT]);
    const pending: DeliveryRow = { ...DELIVERY, state: 'PENDING', lease: 'worker' };
    expect(judge(one, [pending])).toEqual([
      expect.stringContaining('still claimed'),
      expect.stringContaining('still PENDING'),
    ]);
    expect(judge(subscription([], []), [])).toEqual(['shop has 0 notifications about topup.result t-1']);
    expect(judge(one, [DELIVERY], [])).toEqual([
      'shop is told of topup.result t-1, which there is not',
      'shop was told 1.00 by msg_1, and it is nothing',
    ]);
    expect(judge(one, [DELIVERY], [{ ...EVENT, said: '2.00' }])).toEqual([
      'shop was told 1.00 by msg_1, and it is 2.00',
    ]);
  });
});
