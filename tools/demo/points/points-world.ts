import type { ServiceName } from '@txmsg/contracts';
import { DemoService, type DemoServiceOptions } from '../demo-service.js';
import { ServicesWorld } from '../services-world.js';
import type { Terminal } from '../terminal.js';

export const PAIR = ['user', 'points'] as const satisfies readonly ServiceName[];
type PairName = (typeof PAIR)[number];

/** Everything that runs for the scene: the servers, user and points. */
export class PointsWorld extends ServicesWorld<PairName, DemoService<PairName>> {
  constructor(terminal: Terminal) {
    super(terminal, PAIR, 'user and points');
  }

  get user(): DemoService {
    return this.instance('user');
  }

  get points(): DemoService {
    return this.instance('points');
  }

  /** Another instance of user, on the port of the one that has ended. */
  startAnotherUser(faults: readonly object[]): DemoService {
    return this.launch('user', faults);
  }

  protected make(name: PairName, options: DemoServiceOptions): DemoService<PairName> {
    return new DemoService(name, options);
  }
}
