import { createServiceDatabase } from '@txmsg/service/provisioning';
import type { BenchWorld } from './bench-world.js';
import { OurSide } from './our-side.js';

/** The names of one pair of banks at MySQL and the broker. */
export interface SideNames {
  readonly databases: Readonly<Record<'bank1' | 'bank2', string>>;
  readonly transferTopic: string;
  readonly resultTopic: string;
  readonly producerGroup: string;
  readonly consumerGroup: string;
  readonly resultConsumerGroup: string;
}

/**
 * Our banks with databases, topics and groups of their own: several such pairs run beside each other on the same servers.
 * @param own - the names begin with it
 */
export async function separateSide(
  world: BenchWorld,
  own: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ side: OurSide; names: SideNames }> {
  const names = {
    databases: { bank1: `${own}_bank1`, bank2: `${own}_bank2` },
    transferTopic: `${own}_topic`,
    resultTopic: `${own}_results`,
    producerGroup: `${own}_producers`,
    consumerGroup: `${own}_consumers`,
    resultConsumerGroup: `${own}_result_consumers`,
  };
  for (const bank of ['bank1', 'bank2'] as const) {
    await createServiceDatabase(world.environment.MYSQL_ROOT_URL, bank, names.databases[bank]);
  }
  await world.createTopic(names.transferTopic, 'TRANSACTION', names.consumerGroup);
  await world.createTopic(names.resultTopic, 'NORMAL', names.resultConsumerGroup);
  const messaging = {
    TRANSFER_TOPIC: names.transferTopic,
    RESULT_TOPIC: names.resultTopic,
    PRODUCER_GROUP: names.producerGroup,
    CONSUMER_GROUP: names.consumerGroup,
    RESULT_CONSUMER_GROUP: names.resultConsumerGroup,
  };
  return { side: new OurSide(world, { ...settings, ...messaging }, name, names.databases), names };
}
