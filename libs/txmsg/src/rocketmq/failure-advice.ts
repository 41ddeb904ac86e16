import { mqadminCommand } from './mqadmin.js';

/** What lies behind a refusal, and what an operator can do about it; the same for both protocols. */
export const ADVICE = {
  noTopic: `the topic does not exist; create it with ${mqadminCommand('updateTopic', '-t TOPIC -a +message.type=TYPE')}`,
  noConsumerGroup: `the consumer group does not exist; create it with ${mqadminCommand('updateSubGroup', '-g GROUP -r 100000000')}`,
  unknownUser: 'RocketMQ does not know this user, or its secret is another one',
  forbidden: 'RocketMQ does not allow this to this user',
  noRight: 'RocketMQ grants this user no right to it',
  noUser: 'RocketMQ wants a user and its secret, and none is configured',
  noTls: 'the other end does not speak TLS',
} as const;

/** Advice by the words of a failure, where they tell more than its code. The first match counts. */
export type AdviceByWords = readonly (readonly [words: RegExp, advice: string])[];

/** For the words of Node and OpenSSL about the certificate of `peer`, which was reached by `address`. */
export function tlsAdvice(peer: string, address: string): AdviceByWords {
  return [
    [/does not match certificate/, `the ${peer}'s certificate is for another host than ${address}`],
    [/certificate has expired|not yet valid/, `the ${peer}'s certificate is not valid now`],
    [/certificate/, `the ${peer}'s certificate does not come from a trusted authority`],
    [/EPROTO|wrong version number|packet length too long/, ADVICE.noTls],
  ];
}
