import { SHOP, type ShopService } from '@txmsg/contracts';
import { DemoService, type DemoServiceOptions } from '../demo-service.js';
import { ServicesWorld } from '../services-world.js';
import type { Terminal } from '../terminal.js';

/** Everything that runs for the scene: the servers, order, and stock once the classic program has had its turn. */
export class ShopWorld extends ServicesWorld<ShopService, DemoService<ShopService>> {
  private latestStock: DemoService<ShopService> | undefined;

  constructor(terminal: Terminal) {
    super(terminal, SHOP, 'order and stock');
  }

  get order(): DemoService {
    return this.instance('order');
  }

  get stock(): DemoService {
    return this.instance('stock');
  }

  /** Stock, ready: the one that runs, or a new one on its port. */
  async runningStock(): Promise<DemoService> {
    if (this.latestStock?.isRunning !== true) {
      this.terminal.progress('Starting stock …');
      this.latestStock = this.launch('stock');
    }
    await this.latestStock.waitUntilReady();
    return this.latestStock;
  }

  protected make(name: ShopService, options: DemoServiceOptions): DemoService<ShopService> {
    return new DemoService(name, options);
  }

  protected override ownSettings(): Readonly<Record<string, string>> {
    // Where order's reconciliation asks; stock has no such setting.
    return { STOCK_URL: `http://127.0.0.1:${this.port('stock')}` };
  }
}
