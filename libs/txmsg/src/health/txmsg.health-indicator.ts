import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { ConsumerRuntime } from '../consumer/consumer.runtime.js';
import { ProducerRuntime } from '../transaction/producer.runtime.js';

/** For readiness probes: up while every producer and consumer of this service is connected to the broker. */
@Injectable()
export class TxMsgHealthIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly producers: ProducerRuntime,
    private readonly consumers: ConsumerRuntime,
  ) {}

  isHealthy<const Key extends string>(key: Key): HealthIndicatorResult<Key> {
    const check = this.health.check(key);
    const problems = [
      ...(this.producers.isReady() ? [] : ['a producer is not connected to RocketMQ']),
      ...(this.consumers.isReady() ? [] : ['a consumer is not connected to RocketMQ']),
    ];
    return problems.length === 0 ? check.up() : check.down(problems.join('; '));
  }
}
