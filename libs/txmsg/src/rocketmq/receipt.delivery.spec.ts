import { beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from '../broker/index.js';
import { ReceiptDelivery, type DeliveryCalls } from './receipt.delivery.js';

class FakeDeliveryCalls implements DeliveryCalls<string> {
  readonly calls: string[] = [];
  refuse = false;

  acknowledge(receipt: string): Promise<void> {
    this.calls.push(`acknowledge ${receipt}`);
    return this.refuse ? Promise.reject(new Error('refused')) : Promise.resolve();
  }

  async changeInvisibleDuration(receipt: string): Promise<string> {
    this.calls.push(`change ${receipt}`);
    await Promise.resolve();
    return `${receipt}+`;
  }
}

describe('a delivery', () => {
  let calls: FakeDeliveryCalls;
  let delivery: ReceiptDelivery<string>;

  beforeEach(() => {
    calls = new FakeDeliveryCalls();
    delivery = new ReceiptDelivery<string>({} as IncomingMessage, 1, 'r', calls);
  });

  it('is acknowledged by the newest receipt, even while its invisible duration is being changed', async () => {
    await Promise.all([
      delivery.changeInvisibleDuration(1, 100),
      delivery.changeInvisibleDuration(1, 100),
      delivery.acknowledge(100),
    ]);
    expect(calls.calls).toEqual(['change r', 'change r+', 'acknowledge r++']);
  });

  it('is left alone once it is acknowledged, because a change would make RocketMQ deliver it again', async () => {
    await Promise.all([delivery.acknowledge(100), delivery.changeInvisibleDuration(1, 100)]);
    expect(calls.calls).toEqual(['acknowledge r']);
  });

  it('may be kept invisible when the acknowledgement failed', async () => {
    calls.refuse = true;
    await expect(delivery.acknowledge(100)).rejects.toThrow('refused');
    await delivery.changeInvisibleDuration(1, 100);
    expect(calls.calls).toEqual(['acknowledge r', 'change r']);
  });
});
