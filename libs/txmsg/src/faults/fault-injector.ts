import type { FaultPoint, ServiceFaultPoint } from './fault-point.js';

/** What is known at a fault point. */
export interface FaultContext {
  /** The transaction that this step belongs to. */
  readonly txNo?: string | undefined;
  /** All that share this step, where it is one of a batch; `txNo` is left out then. */
  readonly txNos?: readonly string[] | undefined;
  /** Closes the database connection of this step, where there is one. */
  readonly dropConnection?: (() => void) | undefined;
}

/** Called at every fault point. It may throw, take long or never return: the library keeps its guarantees. */
export abstract class FaultInjector {
  /** Called when `point` is reached; the step goes on when it resolves. */
  abstract at(point: FaultPoint | ServiceFaultPoint, context: FaultContext): Promise<void>;
}

/** The default: nothing ever happens. */
export class NoFaults extends FaultInjector {
  at(): Promise<void> {
    return Promise.resolve();
  }
}

/** What a step of one item, or of a batch, tells the injector about them. */
export function txNosOf(items: readonly { readonly txNo: string }[]): Pick<FaultContext, 'txNo' | 'txNos'> {
  const [first] = items;
  return items.length === 1 ? { txNo: first?.txNo } : { txNos: items.map(({ txNo }) => txNo) };
}
