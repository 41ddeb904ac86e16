/**
 * A command of RocketMQ's own administration tool, complete enough to be pasted: it insists on a name server and a
 * cluster. Those named here are RocketMQ's defaults.
 */
export function mqadminCommand(command: 'updateTopic' | 'updateSubGroup', options: string): string {
  return `mqadmin ${command} ${options} -n localhost:9876 -c DefaultCluster, with your name server and cluster`;
}

/** What is wrong with a topic of another message type than the client needs, and the command that mends it. */
export function wrongTopicType(topic: string, wanted: string, brokerName: string): string {
  const command = mqadminCommand('updateTopic', `-t ${topic} -a +message.type=${wanted}`);
  return `the topic is not of type ${wanted} at ${brokerName}; give it the type: ${command}`;
}
