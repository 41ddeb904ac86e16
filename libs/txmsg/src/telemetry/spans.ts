import {
  ROOT_CONTEXT,
  trace,
  type Attributes,
  type Context,
  type SpanKind,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { guarded } from './guarded.js';
import { ATTRIBUTE, SCOPE } from './names.js';
import { TracedWork } from './traced-work.js';
import { activeContext } from './within.js';

/** What a span tells about a message. Nothing in one that was received has been checked. */
export interface TracedMessage {
  readonly messageId?: string | undefined;
  readonly keys: readonly string[];
}

/** A sender may put anything into a message; a span shows so much of it. */
const CHARACTERS_MAX = 128;
const KEYS_MAX = 4;

/** What all spans of one kind have in common; its attributes are made once and not for every message. */
export interface SpanForm {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

/** Starts the library's spans. */
export class Spans {
  private readonly tracer: Tracer | undefined = guarded(() => trace.getTracer(SCOPE), undefined);

  /** @param parent - by default the caller's active span */
  start(
    { name, kind, attributes }: SpanForm,
    parent: Context = activeContext(),
    more: Pick<SpanOptions, 'startTime'> = {},
  ): TracedWork {
    const { tracer } = this;
    if (tracer === undefined) return TracedWork.untraced(parent);
    return TracedWork.start(parent, () => tracer.startSpan(name, { kind, attributes, ...more }, parent));
  }

  /**
   * For several pieces of work in one database transaction: a span of its own, below none of them, that is linked with
   * each both ways.
   */
  startBatch(form: SpanForm, parts: readonly TracedWork[]): TracedWork {
    const batch = this.start(form, ROOT_CONTEXT);
    batch.set(() => ({ [ATTRIBUTE.batchMessageCount]: parts.length }));
    for (const part of parts) {
      batch.linkTo(part.context);
      part.linkTo(batch.context);
    }
    return batch;
  }
}

export function messageAttributes({ messageId, keys }: TracedMessage): Attributes {
  return {
    ...(messageId === undefined ? {} : { [ATTRIBUTE.messageId]: messageId.slice(0, CHARACTERS_MAX) }),
    [ATTRIBUTE.messageKeys]: keys.slice(0, KEYS_MAX).map((key) => key.slice(0, CHARACTERS_MAX)),
  };
}
