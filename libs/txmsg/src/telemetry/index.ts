export type { ConsumerTelemetry, MessageProcessing, ProcessingResult } from './consumer-telemetry.js';
export type { LocalTransactionTelemetry, ProducerTelemetry, TracedOutcome } from './producer-telemetry.js';
export type { JobTelemetry } from './job-telemetry.js';
export { guarded } from './guarded.js';
export { ATTRIBUTE, OWN_ATTRIBUTE, OWN_METRIC } from './names.js';
export { Telemetry } from './telemetry.js';
export { carrierOf, withinCarried, type TraceCarrier } from './trace-carrier.js';
export { activeTraceparent, withinTraceparent } from './traceparent.js';
export type { TracedWork } from './traced-work.js';
