import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TelemetryLogger } from './telemetry.logger.js';

describe("what OpenTelemetry's own log says", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each<[string, unknown[], string]>([
    ['the component and of what it complains', ['Exporter', 'no answer'], 'Exporter no answer'],
    ['an error that comes with it', ['Exporter', new TypeError('no host')], 'Exporter TypeError: no host'],
    [
      'values that come with it',
      ['Exporter', { status: 503 }, undefined],
      'Exporter { status: 503 } undefined',
    ],
    ['a long text cut', ['x'.repeat(2000)], 'x'.repeat(500)],
  ])('has %s', (_what, parts, cause) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    new TelemetryLogger().warn(...parts);
    expect(warn).toHaveBeenCalledWith({ message: 'telemetry has trouble', cause });
  });

  it('is told once a minute', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const logger = new TelemetryLogger();
    logger.error('away');
    logger.error('away');
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
