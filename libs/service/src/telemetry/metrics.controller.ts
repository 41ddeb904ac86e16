import { Controller, Get, Header, Headers } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { bearerToken, isSameToken } from '../http/bearer-token.js';
import { ApiProblem } from '../http/problem.document.js';
import { ProblemException } from '../http/problem.exception.js';
import { TelemetryModuleOptions } from './telemetry-module.options.js';

/** The version is that of the text format. */
const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

@ApiTags('metrics')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly options: TelemetryModuleOptions) {}

  @Get()
  @Header('Content-Type', TYPE)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: "The service's metrics, for Prometheus." })
  @ApiBearerAuth()
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'What could not be read in time is left out.' })
  @ApiProblem(ProblemCode.UNAUTHORIZED, ProblemCode.ROUTE_NOT_FOUND)
  read(@Headers('authorization') authorization?: string): Promise<string> {
    const { serviceName, telemetry, metricsToken } = this.options;
    if (telemetry.metrics === undefined) {
      const detail = `The metrics of ${serviceName} are off: METRICS_ENABLED is not true.`;
      throw new ProblemException(ProblemCode.ROUTE_NOT_FOUND, detail);
    }
    if (metricsToken !== undefined && !isSameToken(bearerToken(authorization) ?? '', metricsToken)) {
      throw new ProblemException(
        ProblemCode.UNAUTHORIZED,
        'Send "Authorization: Bearer …" with METRICS_TOKEN.',
        {
          headers: { 'www-authenticate': `Bearer realm="${serviceName} metrics"` },
        },
      );
    }
    return telemetry.metrics.text();
  }
}
