import type { FaultPoint, ServiceFaultPoint } from './fault-point.js';

export interface FaultContext {
  readonly txNo?: string | undefined;
  /** Closes the database connection of this step, where there is one. */
  readonly dropConnection?: (() => void) | undefined;
}

/** Called at every fault point. It may throw, take long or never return: the library keeps its guarantees. */
export abstract class FaultInjector {
  abstract at(point: FaultPoint | ServiceFaultPoint, context: FaultContext): Promise<void>;
}

/** The default: nothing ever happens. */
export class NoFaults extends FaultInjector {
  at(): Promise<void> {
    return Promise.resolve();
  }
}
