import { Module, type DynamicModule } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';
import { TelemetryEnd } from './telemetry.end.js';
import { TelemetryModuleOptions } from './telemetry-module.options.js';

/** Serves the metrics of a service at `/<prefix>/metrics`, and sends the last spans when it ends. */
@Module({})
export class TelemetryModule {
  static forRoot(options: TelemetryModuleOptions): DynamicModule {
    return {
      module: TelemetryModule,
      controllers: [MetricsController],
      providers: [TelemetryEnd, { provide: TelemetryModuleOptions, useValue: options }],
    };
  }
}
