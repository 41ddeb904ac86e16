import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { MysqlHealthIndicator } from './mysql.health-indicator.js';
import { Readiness } from './readiness.js';

@Global()
@Module({
  // Probes come every second; the state is in their answer, and a log line for each would drown the rest.
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [MysqlHealthIndicator, Readiness],
  exports: [Readiness],
})
export class HealthModule {}
