import { beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from '../../broker/index.js';
import type { DeliveryReceipt } from './consumer.client.js';
import { RocketmqDelivery, type DeliveryActions } from './rocketmq.delivery.js';

class FakeDeliveryActions implements DeliveryActions {
  readonly calls: string[] = [];
  refuse = false;

  acknowledge(receipt: DeliveryReceipt): Promise<void> {
    this.calls.push(`acknowledge ${receipt.handle}`);
    return this.refuse ? Promise.reject(new Error('refused')) : Promise.resolve();
  }

  async hide(receipt: DeliveryReceipt): Promise<DeliveryReceipt> {
    this.calls.push(`hide ${receipt.handle}`);
    await Promise.resolve();
    return { ...receipt, handle: `${receipt.handle}+` };
  }
}

describe('a delivery', () => {
  let actions: FakeDeliveryActions;
  let delivery: RocketmqDelivery;

  beforeEach(() => {
    actions = new FakeDeliveryActions();
    const receipt = { messageId: 'm', handle: 'h' } as DeliveryReceipt;
    delivery = new RocketmqDelivery({} as IncomingMessage, 1, receipt, actions);
  });

  it('is acknowledged by the newest receipt, even while it is being hidden', async () => {
    await Promise.all([
      delivery.changeInvisibleDuration(1, 100),
      delivery.changeInvisibleDuration(1, 100),
      delivery.acknowledge(100),
    ]);
    expect(actions.calls).toEqual(['hide h', 'hide h+', 'acknowledge h++']);
  });

  it('is not hidden once it is acknowledged, because that would bring it back', async () => {
    await Promise.all([delivery.acknowledge(100), delivery.changeInvisibleDuration(1, 100)]);
    expect(actions.calls).toEqual(['acknowledge h']);
  });

  it('may be hidden when the acknowledgement failed', async () => {
    actions.refuse = true;
    await expect(delivery.acknowledge(100)).rejects.toThrow('refused');
    await delivery.changeInvisibleDuration(1, 100);
    expect(actions.calls).toEqual(['acknowledge h', 'hide h']);
  });
});
