import { context, trace } from '@opentelemetry/api';
import { withinTraceparent } from 'txmsg/building-blocks';
import type { DueTransfer } from './due-transfers.js';

const tracer = trace.getTracer('bank');

/**
 * A span of its own for what is done about one transfer, in the trace of the call that made it, so that a message that is
 * sent again goes on there. It is linked with what asked for the reconciliation: an operator's request has its own trace.
 */
export function inReconciliationSpan<Outcome extends string>(
  { traceparent }: Pick<DueTransfer, 'traceparent'>,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const operator = trace.getSpanContext(context.active());
  const links = operator === undefined ? [] : [{ context: operator }];
  return withinTraceparent(traceparent, () =>
    tracer.startActiveSpan('reconciliation', { links }, async (span) => {
      try {
        const outcome = await work();
        span.setAttribute('bank.reconciliation.outcome', outcome);
        return outcome;
      } finally {
        span.end();
      }
    }),
  );
}
