import { wrongTopicType } from '../mqadmin.js';
import { parseFastjson } from './fastjson.js';

/** Reads TopicConfig, the broker's answer; a topic without a type is NORMAL, as the proxy sees it. */
export function readTopicType(body: Buffer): string {
  const { attributes } = parseFastjson(body) as { attributes?: Readonly<Record<string, string>> };
  return attributes?.['message.type'] ?? 'NORMAL';
}

/** What keeps messages of type `wanted` off the topic, in words for an operator; undefined when nothing does. */
export function typeProblem(
  topic: string,
  topicType: string,
  wanted: string,
  brokerName: string,
): string | undefined {
  if (topicType === wanted || topicType === 'MIXED') return undefined;
  return wrongTopicType(topic, wanted, brokerName);
}
