import { parseFastjson } from './fastjson.js';

export type TopicType = 'NORMAL' | 'TRANSACTION';

/** Reads TopicConfig, the broker's answer; a topic without a type is NORMAL, as the proxy sees it. */
export function readTopicType(body: Buffer): string {
  const { attributes } = parseFastjson(body) as { attributes?: Readonly<Record<string, string>> };
  return attributes?.['message.type'] ?? 'NORMAL';
}

/** What keeps a message of type `wanted` off the topic, in words for an operator; undefined when nothing does. */
export function typeProblem(topicType: string, wanted: TopicType): string | undefined {
  if (topicType === wanted || topicType === 'MIXED') return undefined;
  return `the topic is not of type ${wanted}; create it with mqadmin updateTopic -a +message.type=${wanted}`;
}
