import { REVIEW, type ReviewService } from '@txmsg/contracts';
import { GatedProxy } from '../../../e2e/kit/gated-proxy.js';
import { DemoService, type DemoServiceOptions } from '../demo-service.js';
import { ServicesWorld } from '../services-world.js';
import type { Terminal } from '../terminal.js';

/** Everything that runs for the scene: the servers, trading, one repayment, and a gate between the two. */
export class ReviewWorld extends ServicesWorld<ReviewService, DemoService<ReviewService>> {
  private openedGate: GatedProxy | undefined;

  constructor(terminal: Terminal) {
    super(terminal, REVIEW, 'trading and repayment');
  }

  get trading(): DemoService {
    return this.instance('trading');
  }

  get repayment(): DemoService {
    return this.instance('repayment');
  }

  /** Repayment reads the bids through it, so that the scene can let one step through at a time. It begins open. */
  get gate(): GatedProxy {
    if (!this.openedGate) throw new Error('the gate has not been opened');
    return this.openedGate;
  }

  override async start(): Promise<void> {
    this.openedGate = await GatedProxy.start(() => `http://127.0.0.1:${this.port('trading')}`);
    await super.start();
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.openedGate?.close();
  }

  /** Another instance of repayment, on the port of the one that has ended. */
  startAnotherRepayment(): DemoService {
    return this.launch('repayment');
  }

  protected make(name: ReviewService, options: DemoServiceOptions): DemoService<ReviewService> {
    return new DemoService(name, options);
  }

  protected override ownSettings(): Readonly<Record<string, string>> {
    return {
      TRADING_URL: this.gate.url,
      REPAYMENT_URL: `http://127.0.0.1:${this.port('repayment')}`,
      // The gate carries no proof of who answers.
      PEER_SHARED_SECRET: '',
    };
  }
}
