import { mqadminCommand } from './mqadmin.js';

/** More retries than an outage of the database can cause: at one delivery every 4.5 s it takes 52 days to reach it. */
const RETRY_LIMIT_MIN = 1_000_000;

/**
 * What is wrong with the retry limit of a consumer group. Beyond it the proxy moves a message to the broker's own
 * dead-letter topic, which this library does not read: with RocketMQ's default of 16, after an outage of two minutes.
 *
 * @param attemptsMax - as the proxy (5.4.0, GrpcClientSettingsManager) tells its consumers: the group's retry limit
 *   and one more, which overflows for the largest limit of all: then every message is moved at its first delivery
 */
export function retryLimitProblem(
  consumerGroup: string,
  attemptsMax: number | undefined,
): string | undefined {
  if (attemptsMax === undefined || attemptsMax > RETRY_LIMIT_MIN) return undefined;
  // As the broker's 32 bits have it.
  const limit = (attemptsMax - 1) | 0;
  const command = mqadminCommand('updateSubGroup', `-g ${consumerGroup} -r 100000000`);
  return `the consumer group "${consumerGroup}" has the retry limit ${limit}, at which the broker takes messages away from this service while its database is away. Give it one from ${RETRY_LIMIT_MIN} to 2147483646: ${command}`;
}
