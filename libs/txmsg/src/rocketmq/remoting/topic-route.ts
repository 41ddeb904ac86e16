import { parseFastjson } from './fastjson.js';

/** A master broker that carries the topic; only masters take messages and hand them out. */
export interface BrokerRoute {
  readonly name: string;
  readonly address: string;
  readonly readQueues: number;
  readonly writeQueues: number;
}

interface TopicRouteData {
  readonly brokerDatas?: readonly {
    readonly brokerName: string;
    readonly brokerAddrs?: Readonly<Record<string, string>>;
  }[];
  readonly queueDatas?: readonly {
    readonly brokerName: string;
    readonly perm: number;
    readonly readQueueNums: number;
    readonly writeQueueNums: number;
  }[];
}

const MASTER_ID = '0';
const READ = 4;
const WRITE = 2;

/** Reads TopicRouteData, the name server's answer. */
export function readTopicRoute(body: Buffer): BrokerRoute[] {
  const { brokerDatas = [], queueDatas = [] } = parseFastjson(body) as TopicRouteData;
  return brokerDatas.flatMap(({ brokerName: name, brokerAddrs }) => {
    const address = brokerAddrs?.[MASTER_ID];
    const queues = queueDatas.find(({ brokerName }) => brokerName === name);
    if (address === undefined || queues === undefined) return [];
    const { perm, readQueueNums, writeQueueNums } = queues;
    return {
      name,
      address,
      readQueues: (perm & READ) === 0 ? 0 : readQueueNums,
      writeQueues: (perm & WRITE) === 0 ? 0 : writeQueueNums,
    };
  });
}
