import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../deadline/index.js';
import { parseFastjson } from '../rocketmq/remoting/fastjson.js';
import { RequestCode as ClientRequestCode, ResponseCode } from '../rocketmq/remoting/remoting-codes.js';
import { NO_BODY, type RemotingCommand } from '../rocketmq/remoting/remoting-command.js';
import type { ConnectionSecurity } from '../rocketmq/remoting/remoting.connection.js';
import { AdminConnections, type AdminFields } from './admin-connections.js';
import { RocketmqAdminError, RocketmqAdminTimeoutError } from './rocketmq-admin.errors.js';

export { RocketmqAdminError, RocketmqAdminTimeoutError };

/** A user of a RocketMQ whose access control is on. */
export interface RocketmqCredentials {
  /** The user's name. */
  readonly accessKey: string;
  /** The user's password. */
  readonly accessSecret: string;
}

/** The kind of messages that a topic takes; the proxy refuses any other. txmsg needs NORMAL and TRANSACTION. */
export type TopicMessageType = 'NORMAL' | 'TRANSACTION' | 'FIFO' | 'DELAY';

/** How the cluster is reached. At least one of `namesrv` and `broker` is required. */
export interface RocketmqAdminOptions {
  /** `host:port` of the name server; it is asked for the brokers unless `broker` is given. */
  readonly namesrv?: string;
  /** `host:port` of the broker's remoting port (not the proxy's). Without it: every master of the cluster. */
  readonly broker?: string;
  /** The deadline of every single call, in ms. @default 5000 */
  readonly timeoutMs?: number;
  /** Who calls, where access control is on; must be a superuser. */
  readonly credentials?: RocketmqCredentials;
  /**
   * Speaks TLS to the brokers. `authorities` (PEM) are trusted instead of those that Node trusts. The name server is spoken to
   * in plain text.
   * @default undefined: plain text
   */
  readonly tls?: { readonly authorities?: Buffer | undefined } | undefined;
}

/** What a user may do; all that is not granted is refused. */
export interface RocketmqRights {
  /** Topics to send to. */
  readonly publish?: readonly string[];
  /** Topics and groups to consume with. */
  readonly subscribe?: { readonly topics: readonly string[]; readonly groups: readonly string[] };
}

/** One broker's, by broker id; 0 is the master's. */
type BrokerAddresses = Readonly<Record<string, string>>;

/** What a consumer group is made with. */
export interface ConsumerGroupOptions {
  /**
   * After so many redeliveries the broker moves a message to its dead-letter topic.
   * @default 100000000, never: txmsg counts attempts itself, and an outage must not end a message
   */
  readonly retryMaxTimes?: number;
}

/** Codes and field names: RequestCode, ResponseCode and protocol/header/* of apache/rocketmq 5.4.0. */
const RequestCode = {
  ...ClientRequestCode,
  QUERY_CONSUMER_OFFSET: 14,
  UPDATE_CONSUMER_OFFSET: 15,
  UPDATE_AND_CREATE_TOPIC: 17,
  GET_MAX_OFFSET: 30,
  GET_BROKER_CLUSTER_INFO: 106,
  UPDATE_AND_CREATE_SUBSCRIPTIONGROUP: 200,
  GET_CONSUMER_CONNECTION_LIST: 203,
  DELETE_SUBSCRIPTIONGROUP: 207,
  DELETE_TOPIC_IN_BROKER: 215,
  DELETE_TOPIC_IN_NAMESRV: 216,
  AUTH_CREATE_USER: 3001,
  AUTH_UPDATE_USER: 3002,
  AUTH_GET_USER: 3004,
  AUTH_CREATE_ACL: 3006,
  AUTH_DELETE_ACL: 3008,
} as const;
const { SUCCESS, TOPIC_NOT_EXIST } = ResponseCode;
const QUERY_NOT_FOUND = 22;
const CONSUMER_NOT_ONLINE = 206;
const READ_AND_WRITE = 6;
const RETRY_NEVER_EXHAUSTED = 100_000_000;
const POLL_INTERVAL_MS = 200;

/**
 * Creates and deletes topics and consumer groups over RocketMQ's remoting protocol, and users with their rights
 * where access control is on: for whoever sets an environment up. `mqadmin` does the same, but starts a JVM for each
 * call, and may exit with 0 after a failure. Every call may be repeated, and throws `RocketmqAdminError` when it fails,
 * `RocketmqAdminTimeoutError` when it was not answered in time. Close it at the end: it keeps its connections open.
 */
export class RocketmqAdmin {
  private readonly connections: AdminConnections;

  constructor(private readonly options: RocketmqAdminOptions) {
    if (!options.namesrv && !options.broker) {
      throw new RocketmqAdminError('RocketmqAdmin needs the address of a name server or of a broker');
    }
    this.connections = new AdminConnections((address) => this.securityOf(address), options.timeoutMs ?? 5000);
  }

  /** Creates the topic, or gives an existing one this type and number of queues. */
  async createTopic(name: string, type: TopicMessageType, queues = 8): Promise<void> {
    await this.callBrokers(`create topic "${name}"`, RequestCode.UPDATE_AND_CREATE_TOPIC, {
      topic: name,
      // The topic whose settings a producer would inherit; the broker insists on a value and ignores it.
      defaultTopic: 'TBW102',
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: READ_AND_WRITE,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: type === 'FIFO',
      attributes: `+message.type=${type}`,
    });
  }

  /** Creates the consumer group, or changes an existing one. */
  async createConsumerGroup(
    name: string,
    { retryMaxTimes = RETRY_NEVER_EXHAUSTED }: ConsumerGroupOptions = {},
  ): Promise<void> {
    const code = RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP;
    const group = Buffer.from(JSON.stringify({ groupName: name, retryMaxTimes }));
    await this.callBrokers(`create consumer group "${name}"`, code, {}, group);
  }

  /**
   * Lets a group that has consumed nothing from `topic` yet start at the topic's first message. The proxy pops
   * with ConsumeInitMode.MAX: a new group starts at the *newest* message once the first one has been deleted or
   * lies further back than 40 % of the machine's memory (PopMessageProcessor.getInitOffset). Positions that
   * exist are left alone.
   */
  async startGroupAtFirstMessage(group: string, topic: string): Promise<void> {
    for (const broker of await this.brokers()) {
      const queues = await this.readQueues(broker, topic);
      for (let queueId = 0; queueId < queues; queueId++) {
        await this.initialisePosition(broker, { consumerGroup: group, topic, queueId });
      }
    }
  }

  /** Deletes the topic with all its messages; does nothing when there is none. */
  async deleteTopic(name: string): Promise<void> {
    await this.callBrokers(`delete topic "${name}"`, RequestCode.DELETE_TOPIC_IN_BROKER, { topic: name });
    if (!this.options.namesrv) return;
    const code = RequestCode.DELETE_TOPIC_IN_NAMESRV;
    await this.callExpectingSuccess(this.options.namesrv, `delete topic "${name}"`, code, { topic: name });
  }

  /** Deletes the group and its positions in all topics; does nothing when there is none. */
  async deleteGroup(name: string): Promise<void> {
    const fields = { groupName: name, cleanOffset: true };
    await this.callBrokers(`delete group "${name}"`, RequestCode.DELETE_SUBSCRIPTIONGROUP, fields);
  }

  /** Creates the user, or gives an existing one this password. At replicas too: brokers do not copy users. */
  async putUser({ accessKey, accessSecret }: RocketmqCredentials): Promise<void> {
    const fields = { username: accessKey };
    const body = Buffer.from(JSON.stringify({ ...fields, password: accessSecret, userType: 'Normal' }));
    const { AUTH_UPDATE_USER, AUTH_CREATE_USER } = RequestCode;
    for (const broker of await this.brokersAndReplicas()) {
      const code = (await this.hasUser(broker, accessKey)) ? AUTH_UPDATE_USER : AUTH_CREATE_USER;
      await this.callExpectingSuccess(broker, `put user "${accessKey}"`, code, fields, body);
    }
  }

  /** Adds to what the user may do. */
  async addRights(user: string, { publish = [], subscribe }: RocketmqRights): Promise<void> {
    const subject = `User:${user}`;
    const entry = (resource: string, ...actions: string[]): object => ({
      resource,
      actions,
      decision: 'Allow',
    });
    const entries = [
      // The remoting transport also reads the topic's type.
      ...publish.map((topic) => entry(`Topic:${topic}`, 'Pub', 'Get')),
      ...(subscribe?.topics ?? []).map((topic) => entry(`Topic:${topic}`, 'Sub')),
      ...(subscribe?.groups ?? []).map((group) => entry(`Group:${group}`, 'Sub')),
    ];
    const body = Buffer.from(JSON.stringify({ subject, policies: [{ policyType: 'Custom', entries }] }));
    // Where there are rights already, these come on top.
    const what = `add to the rights of "${user}"`;
    await this.callAll(await this.brokersAndReplicas(), what, RequestCode.AUTH_CREATE_ACL, { subject }, body);
  }

  /** Revokes all rights of the user. */
  async deleteRights(user: string): Promise<void> {
    const fields = { subject: `User:${user}` };
    const what = `take the rights of "${user}" away`;
    await this.callAll(await this.brokersAndReplicas(), what, RequestCode.AUTH_DELETE_ACL, fields);
  }

  /** Whether clients can find the topic: the name server knows its route, or without one the broker has it. */
  async topicExists(name: string): Promise<boolean> {
    const { namesrv, broker } = this.options;
    const response = namesrv
      ? await this.call(namesrv, RequestCode.GET_ROUTEINFO_BY_TOPIC, { topic: name })
      : await this.call(broker ?? '', RequestCode.GET_TOPIC_CONFIG, { topic: name });
    if (response.code === TOPIC_NOT_EXIST) return false;
    expectSuccess(`look up topic "${name}"`, response);
    return true;
  }

  /**
   * Waits until a master broker is registered: one that has just started registers after some seconds.
   * @throws RocketmqAdminTimeoutError after `timeoutMs`; its cause is what the last try met
   */
  async whenBrokerRegistered(timeoutMs: number): Promise<void> {
    await this.poll('registered broker', timeoutMs, async () => (await this.brokers()).length > 0);
  }

  /**
   * Waits until clients can find the topic, which is a moment after `createTopic`.
   * @throws RocketmqAdminTimeoutError after `timeoutMs`; its cause is what the last try met
   */
  async whenTopicExists(name: string, timeoutMs: number): Promise<void> {
    await this.poll(`topic "${name}"`, timeoutMs, () => this.topicExists(name));
  }

  /** How many messages the topic has ever had; 0 when there is no such topic. Also for the broker's internal ones. */
  async messagesEver(topic: string): Promise<number> {
    let sum = 0;
    for (const count of (await this.messagesEverByBroker(topic)).values()) sum += count;
    return sum;
  }

  /**
   * The same for each master by itself, by the broker's name (its address, with the option `broker`): a sum over those that
   * are registered now falls and rises with them.
   */
  async messagesEverByBroker(topic: string): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const [name, { 0: master }] of await this.brokerAddresses()) {
      if (master !== undefined) counts.set(name, await this.messagesEverAt(master, topic));
    }
    if (counts.size === 0) throw this.noBroker();
    return counts;
  }

  /** Whether any broker knows of a consumer of this group: one that was killed stays known for a while. */
  async isConsumerOnline(consumerGroup: string): Promise<boolean> {
    for (const broker of await this.brokers()) {
      const response = await this.call(broker, RequestCode.GET_CONSUMER_CONNECTION_LIST, { consumerGroup });
      if (response.code === CONSUMER_NOT_ONLINE) continue;
      expectSuccess(`list the consumers of group "${consumerGroup}"`, response);
      return true;
    }
    return false;
  }

  /** The addresses of all master brokers. @throws RocketmqAdminError when none is registered */
  async brokers(): Promise<string[]> {
    return this.listBrokers(({ 0: master }) => (master === undefined ? [] : [master]));
  }

  /** Closes the connections; calls under way fail. */
  close(): void {
    this.connections.close();
  }

  /** Tries at least once; a try that fails counts as "not yet". */
  private async poll(what: string, timeoutMs: number, isThere: () => Promise<boolean>): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    let failure: unknown;
    for (;;) {
      try {
        if (await isThere()) return;
        failure = undefined;
      } catch (error) {
        failure = error;
      }
      if (deadline.hasPassed()) {
        const reason = failure instanceof Error ? `: ${failure.message}` : '';
        const message = `there was no ${what} within ${timeoutMs} ms${reason}`;
        throw new RocketmqAdminTimeoutError(message, { cause: failure });
      }
      await delay(Math.min(POLL_INTERVAL_MS, deadline.remainingMs()));
    }
  }

  private brokersAndReplicas(): Promise<string[]> {
    return this.listBrokers((addresses) => Object.values(addresses));
  }

  private async listBrokers(choose: (addresses: BrokerAddresses) => string[]): Promise<string[]> {
    const chosen = [...(await this.brokerAddresses()).values()].flatMap(choose);
    if (chosen.length === 0) throw this.noBroker();
    return chosen;
  }

  /** By the brokers' names. */
  private async brokerAddresses(): Promise<ReadonlyMap<string, BrokerAddresses>> {
    const { broker } = this.options;
    if (broker) return new Map([[broker, { 0: broker }]]);
    const address = this.options.namesrv ?? '';
    const response = await this.call(address, RequestCode.GET_BROKER_CLUSTER_INFO, {});
    expectSuccess('list the brokers', response);
    const info = parseFastjson(response.body) as {
      brokerAddrTable?: Record<string, { brokerAddrs: BrokerAddresses }>;
    };
    const table = Object.entries(info.brokerAddrTable ?? {});
    return new Map(table.map(([name, { brokerAddrs }]) => [name, brokerAddrs]));
  }

  private noBroker(): RocketmqAdminError {
    return new RocketmqAdminError(`no broker is registered at ${this.options.namesrv ?? ''}`);
  }

  private async messagesEverAt(broker: string, topic: string): Promise<number> {
    const { code } = await this.call(broker, RequestCode.GET_TOPIC_CONFIG, { topic });
    const queues = code === TOPIC_NOT_EXIST ? 0 : await this.readQueues(broker, topic);
    let sum = 0;
    for (let queueId = 0; queueId < queues; queueId++)
      sum += await this.maxOffset(broker, { topic, queueId });
    return sum;
  }

  /** The answer about an unknown user has no body. */
  private async hasUser(broker: string, username: string): Promise<boolean> {
    const response = await this.call(broker, RequestCode.AUTH_GET_USER, { username });
    expectSuccess(`look up user "${username}"`, response);
    return response.body.length > 0;
  }

  private async maxOffset(broker: string, queue: { topic: string; queueId: number }): Promise<number> {
    const response = await this.call(broker, RequestCode.GET_MAX_OFFSET, { ...queue, committed: true });
    expectSuccess(`read the end of topic "${queue.topic}"`, response);
    return Number(response.fields.offset);
  }

  private async readQueues(broker: string, topic: string): Promise<number> {
    const response = await this.call(broker, RequestCode.GET_TOPIC_CONFIG, { topic });
    expectSuccess(`read topic "${topic}"`, response);
    return (parseFastjson(response.body) as { readQueueNums: number }).readQueueNums;
  }

  private async initialisePosition(
    broker: string,
    position: { consumerGroup: string; topic: string; queueId: number },
  ): Promise<void> {
    const query = { ...position, setZeroIfNotFound: false };
    const response = await this.call(broker, RequestCode.QUERY_CONSUMER_OFFSET, query);
    if (response.code !== QUERY_NOT_FOUND) {
      expectSuccess('read a consumer position', response);
      return;
    }
    const fields = { ...position, commitOffset: 0 };
    const what = `set the position of group "${position.consumerGroup}"`;
    await this.callExpectingSuccess(broker, what, RequestCode.UPDATE_CONSUMER_OFFSET, fields);
  }

  private async callBrokers(what: string, code: number, fields: AdminFields, body = NO_BODY): Promise<void> {
    await this.callAll(await this.brokers(), what, code, fields, body);
  }

  private async callAll(
    brokers: readonly string[],
    what: string,
    code: number,
    fields: AdminFields,
    body = NO_BODY,
  ): Promise<void> {
    for (const broker of brokers) await this.callExpectingSuccess(broker, what, code, fields, body);
  }

  private async callExpectingSuccess(
    address: string,
    what: string,
    code: number,
    fields: AdminFields,
    body = NO_BODY,
  ): Promise<void> {
    expectSuccess(`${what} at ${address}`, await this.call(address, code, fields, body));
  }

  private call(address: string, code: number, fields: AdminFields, body = NO_BODY): Promise<RemotingCommand> {
    return this.connections.request(address, code, fields, body);
  }

  /** The name server is spoken to in plain text. */
  private securityOf(address: string): ConnectionSecurity {
    const { credentials, tls, namesrv } = this.options;
    return { credentials, tls: address === namesrv ? undefined : tls };
  }
}

function expectSuccess(what: string, { code, remark }: RemotingCommand): void {
  if (code === SUCCESS) return;
  throw new RocketmqAdminError(`RocketMQ refused to ${what}: ${remark || 'no reason given'} (code ${code})`, {
    code,
  });
}
