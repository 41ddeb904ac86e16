import { beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from '../broker/index.js';
import type { DeliveryReceipt } from './consumer.client.js';
import { RocketmqDelivery, type DeliveryDesk } from './rocketmq.delivery.js';

class FakeDesk implements DeliveryDesk {
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
  let desk: FakeDesk;
  let delivery: RocketmqDelivery;

  beforeEach(() => {
    desk = new FakeDesk();
    const receipt = { messageId: 'm', handle: 'h' } as DeliveryReceipt;
    delivery = new RocketmqDelivery({} as IncomingMessage, 1, receipt, desk);
  });

  it('is acknowledged by the newest receipt, even while it is being hidden', async () => {
    await Promise.all([delivery.hideFor(1, 100), delivery.hideFor(1, 100), delivery.acknowledge(100)]);
    expect(desk.calls).toEqual(['hide h', 'hide h+', 'acknowledge h++']);
  });

  it('is not hidden once it is acknowledged, because that would bring it back', async () => {
    await Promise.all([delivery.acknowledge(100), delivery.hideFor(1, 100)]);
    expect(desk.calls).toEqual(['acknowledge h']);
  });

  it('may be hidden when the acknowledgement failed', async () => {
    desk.refuse = true;
    await expect(delivery.acknowledge(100)).rejects.toThrow('refused');
    await delivery.hideFor(1, 100);
    expect(desk.calls).toEqual(['acknowledge h', 'hide h']);
  });
});
