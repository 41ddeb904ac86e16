import { describe, expect, it } from '@jest/globals';
import { StartupError } from '../startup/startup.error.js';
import { isTracingWanted } from './tracing.js';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };

describe('traces', () => {
  it.each([
    ['nothing', {}, false],
    ['a collector', endpoint, true],
    [
      'a collector for traces',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces' },
      true,
    ],
    ['the exporter', { OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ['a collector, and no traces', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, false],
    ['a collector, and no SDK', { ...endpoint, OTEL_SDK_DISABLED: 'true' }, false],
    ['empty variables', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_EXPORTER: '' }, false],
  ])('where the variables name %s', (_what, environment, isWanted) => {
    expect(isTracingWanted(environment)).toBe(isWanted);
  });

  it('by an exporter that is not there keep the service from starting', () => {
    expect(() => isTracingWanted({ OTEL_TRACES_EXPORTER: 'zipkin' })).toThrow(StartupError);
  });
});
