import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { context, trace } from '@opentelemetry/api';
import { withinTraceparent } from 'txmsg/building-blocks';
import {
  reconcileEach,
  type ReconciliationOutcome,
  type ReconciliationReport,
} from './reconciliation-round.js';

/** A transaction that is looked up at the other side. */
export interface ReconciledItem {
  readonly txNo: string;
  /** Of the call that began it, as `activeTraceparent` gave it; absent or null when nobody traced it or it is not kept. */
  readonly traceparent?: string | null;
}

/** What is due, each claimed by one instance at a time; `DueRows` is what it is made with. */
export interface DueItems<Item> {
  /** Claims some of what is due; each is due again after a pause. */
  claim(): Promise<readonly Item[]>;
  /** Claims this one, whether it is due or not. `ENDED` when nothing is to be learnt about it any more. */
  claimOne(key: string): Promise<Item | 'ENDED' | 'NOT_FOUND'>;
}

/**
 * Ends what was under way for too long, by what the other side knows about it. A provider extends it and says how one of
 * them is ended. Safe to run at any time, in any number of instances, provided that `end` is guarded by the row's own state.
 */
export abstract class Reconciliation<Item extends ReconciledItem> implements OnModuleDestroy {
  protected readonly logger = new Logger(this.constructor.name);
  private readonly stopping = new AbortController();

  protected constructor(
    private readonly items: DueItems<Item>,
    /** Begins the names of what traces tell, like `ServiceSettings.kind`. */
    private readonly kind: string,
  ) {}

  /** Begins with no further one and waits for the other side no longer. One that is being ended or sent again is finished. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Works once on everything that is due now. @throws when the database is away */
  async reconcile(): Promise<ReconciliationReport> {
    return this.reconcileAll(await this.items.claim());
  }

  /**
   * Works on one now, whether it is due or not. One that has ended is not looked up: the report counts 0.
   * @returns undefined when there is no such row
   * @throws when the database is away
   */
  async reconcileOne(key: string): Promise<ReconciliationReport | undefined> {
    const claimed = await this.items.claimOne(key);
    if (claimed === 'NOT_FOUND') return undefined;
    return this.reconcileAll(claimed === 'ENDED' ? [] : [claimed]);
  }

  /**
   * Asks the other side, and does what follows from its answer. A throw means: retried after a pause.
   * @param signal - aborted when the service ends: the answer is waited for no longer
   */
  protected abstract end(item: Item, signal: AbortSignal): Promise<ReconciliationOutcome>;

  private reconcileAll(items: readonly Item[]): Promise<ReconciliationReport> {
    const { logger } = this;
    const { signal } = this.stopping;
    return reconcileEach(items, {
      logger,
      signal,
      end: (item) => this.end(item, signal),
      within: (item, work) => this.inSpan(item, work),
    });
  }

  /**
   * A span of its own for what is done about one of them, in the trace of the call that began it, so that a message that is
   * sent again goes on there. It is linked with what asked for the reconciliation: an operator's request has its own trace.
   */
  private inSpan(
    { traceparent }: ReconciledItem,
    work: () => Promise<ReconciliationOutcome>,
  ): Promise<ReconciliationOutcome> {
    const operator = trace.getSpanContext(context.active());
    const links = operator === undefined ? [] : [{ context: operator }];
    return withinTraceparent(traceparent, () =>
      trace.getTracer(this.kind).startActiveSpan('reconciliation', { links }, async (span) => {
        try {
          const outcome = await work();
          span.setAttribute(`${this.kind}.reconciliation.outcome`, outcome);
          return outcome;
        } finally {
          span.end();
        }
      }),
    );
  }
}
