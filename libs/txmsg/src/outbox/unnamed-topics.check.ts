import type { EntityManager } from 'typeorm';
import { CLAIM_INDEX } from './claim-index.check.js';

const TOLD_MAX = 10;

/**
 * A warning when rows wait to be published to topics that this service does not name: another service may share the table,
 * or a deployment has renamed a topic, and then nobody publishes them.
 * @param topics - those that this service publishes, by their names at the broker
 */
export async function checkUnnamedTopics(
  connection: EntityManager,
  topics: readonly string[],
): Promise<string[]> {
  const rows = await connection.query<{ topic: string }[]>(
    `SELECT DISTINCT topic FROM local_message FORCE INDEX (${CLAIM_INDEX}) WHERE state = 'PENDING'`,
  );
  const unnamed = rows.map(({ topic }) => topic).filter((topic) => !topics.includes(topic));
  if (unnamed.length === 0) return [];
  const told = unnamed.slice(0, TOLD_MAX).map((topic) => `"${topic}"`);
  return [
    `The table local_message has messages that wait to be published to ${told.join(', ')}, which this service does not publish (option outbox.topics, by the names at the broker). Unless another service does, they wait indefinitely: name the topic until none is left.`,
  ];
}
