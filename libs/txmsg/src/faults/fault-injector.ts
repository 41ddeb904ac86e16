import type { FaultPoint, ServiceFaultPoint } from './fault-point.js';

export interface FaultContext {
  readonly txNo?: string | undefined;
  /** Cuts the database connection of this step, where there is one. */
  readonly dropConnection?: (() => void) | undefined;
}

/** Called at every fault point. The library works the same whatever this does, however slowly, or if it never returns. */
export abstract class FaultInjector {
  abstract at(point: FaultPoint | ServiceFaultPoint, context: FaultContext): Promise<void>;
}

/** The default: nothing ever happens. */
export class NoFaults extends FaultInjector {
  at(): Promise<void> {
    return Promise.resolve();
  }
}
