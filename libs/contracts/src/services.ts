import {
  BANK1_PORT,
  BANK1_PREFIX,
  BANK1_PRODUCER_GROUP,
  BANK1_RESULT_CONSUMER_GROUP,
  BANK1_TOP_UP_CONSUMER_GROUP,
  BANK2_CONSUMER_GROUP,
  BANK2_PORT,
  BANK2_PREFIX,
  NOTIFY_TOPIC,
  CUSTODY_PORT,
  CUSTODY_PREFIX,
  CUSTODY_RESULT_TOPIC,
  IDENTITY_PORT,
  IDENTITY_PREFIX,
  NOTIFIER_CUSTODY_CONSUMER_GROUP,
  NOTIFIER_PORT,
  NOTIFIER_PREFIX,
  NOTIFIER_TOP_UP_CONSUMER_GROUP,
  ORDER_CANCEL_TOPIC,
  ORDER_DEDUCTED_CONSUMER_GROUP,
  ORDER_PORT,
  ORDER_PREFIX,
  ORDER_PRODUCER_GROUP,
  ORDER_ROLLBACK_CONSUMER_GROUP,
  ORDER_ROLLBACK_TOPIC,
  ORDER_TOPIC,
  PAY_PORT,
  PAY_PREFIX,
  REPAYMENT_CONSUMER_GROUP,
  REPAYMENT_PORT,
  REPAYMENT_PREFIX,
  POINTS_CONSUMER_GROUP,
  POINTS_PORT,
  POINTS_PREFIX,
  RESULT_TOPIC,
  REVIEW_TOPIC,
  SEATA_BANK1_PORT,
  SEATA_BANK1_PREFIX,
  SEATA_BANK2_PORT,
  SEATA_BANK2_PREFIX,
  STOCK_CANCEL_CONSUMER_GROUP,
  STOCK_CONSUMER_GROUP,
  STOCK_DEDUCTED_TOPIC,
  STOCK_PORT,
  STOCK_PREFIX,
  TRADING_PORT,
  TRADING_PREFIX,
  TRADING_PRODUCER_GROUP,
  TRANSFER_TOPIC,
  USER_PORT,
  USER_PREFIX,
  USER_REGISTERED_TOPIC,
} from './names.js';

/** A service, as whatever starts it, prepares its servers or checks its containers must know it. */
export interface Service<Name extends string = string> {
  /** Names its folder in apps/, its script in sql/, and its variables (`BANK1_PORT`, `BANK1_MYSQL_URL`). */
  readonly name: Name;
  /** Where HTTP listens unless PORT says otherwise. */
  readonly port: number;
  /** The first segment of every path. */
  readonly prefix: string;
  /** Names the database, and the MySQL account that has rights on this database alone. */
  readonly database: string;
  /** The topics that it sends to, with the message type that they have at the broker. */
  readonly publishes: readonly { readonly topic: string; readonly type: 'TRANSACTION' | 'NORMAL' }[];
  readonly producerGroups: readonly string[];
  /** Its consumer groups, each with the topic that it receives. */
  readonly consumes: readonly { readonly group: string; readonly topic: string }[];
  /** The scripts of libraries whose tables its database has besides txmsg's, from the root of the repository. */
  readonly libraryScripts?: readonly string[];
  /** Whether it takes part in two-phase commits, and so needs Seata's coordinator. */
  readonly usesSeata?: true;
}

const LIST = [
  {
    name: 'bank1',
    port: BANK1_PORT,
    prefix: BANK1_PREFIX,
    database: 'bank1',
    publishes: [{ topic: TRANSFER_TOPIC, type: 'TRANSACTION' }],
    producerGroups: [BANK1_PRODUCER_GROUP],
    consumes: [
      { group: BANK1_RESULT_CONSUMER_GROUP, topic: RESULT_TOPIC },
      { group: BANK1_TOP_UP_CONSUMER_GROUP, topic: NOTIFY_TOPIC },
    ],
  },
  {
    name: 'bank2',
    port: BANK2_PORT,
    prefix: BANK2_PREFIX,
    database: 'bank2',
    publishes: [{ topic: RESULT_TOPIC, type: 'NORMAL' }],
    producerGroups: [],
    consumes: [{ group: BANK2_CONSUMER_GROUP, topic: TRANSFER_TOPIC }],
  },
  {
    name: 'order',
    port: ORDER_PORT,
    prefix: ORDER_PREFIX,
    database: 'tx_order',
    publishes: [
      { topic: ORDER_TOPIC, type: 'TRANSACTION' },
      { topic: ORDER_CANCEL_TOPIC, type: 'NORMAL' },
    ],
    producerGroups: [ORDER_PRODUCER_GROUP],
    consumes: [
      { group: ORDER_DEDUCTED_CONSUMER_GROUP, topic: STOCK_DEDUCTED_TOPIC },
      { group: ORDER_ROLLBACK_CONSUMER_GROUP, topic: ORDER_ROLLBACK_TOPIC },
    ],
  },
  {
    name: 'stock',
    port: STOCK_PORT,
    prefix: STOCK_PREFIX,
    database: 'tx_stock',
    publishes: [
      { topic: STOCK_DEDUCTED_TOPIC, type: 'NORMAL' },
      { topic: ORDER_ROLLBACK_TOPIC, type: 'NORMAL' },
    ],
    producerGroups: [],
    consumes: [
      { group: STOCK_CONSUMER_GROUP, topic: ORDER_TOPIC },
      { group: STOCK_CANCEL_CONSUMER_GROUP, topic: ORDER_CANCEL_TOPIC },
    ],
  },
  {
    name: 'trading',
    port: TRADING_PORT,
    prefix: TRADING_PREFIX,
    database: 'tx_trading',
    publishes: [{ topic: REVIEW_TOPIC, type: 'TRANSACTION' }],
    producerGroups: [TRADING_PRODUCER_GROUP],
    consumes: [],
  },
  {
    name: 'repayment',
    port: REPAYMENT_PORT,
    prefix: REPAYMENT_PREFIX,
    database: 'tx_repayment',
    publishes: [],
    producerGroups: [],
    consumes: [{ group: REPAYMENT_CONSUMER_GROUP, topic: REVIEW_TOPIC }],
  },
  {
    name: 'user',
    port: USER_PORT,
    prefix: USER_PREFIX,
    database: 'tx_user',
    publishes: [{ topic: USER_REGISTERED_TOPIC, type: 'NORMAL' }],
    producerGroups: [],
    consumes: [],
    // Its registrations with a login account alone need the coordinator: it starts without, and so it is no `usesSeata`.
    libraryScripts: ['libs/seata/sql/seata.sql'],
  },
  {
    name: 'points',
    port: POINTS_PORT,
    prefix: POINTS_PREFIX,
    database: 'tx_points',
    publishes: [],
    producerGroups: [],
    consumes: [{ group: POINTS_CONSUMER_GROUP, topic: USER_REGISTERED_TOPIC }],
  },
  {
    name: 'pay',
    port: PAY_PORT,
    prefix: PAY_PREFIX,
    database: 'bank1_pay',
    publishes: [{ topic: NOTIFY_TOPIC, type: 'NORMAL' }],
    producerGroups: [],
    consumes: [],
  },
  {
    name: 'custody',
    port: CUSTODY_PORT,
    prefix: CUSTODY_PREFIX,
    database: 'tx_custody',
    publishes: [{ topic: CUSTODY_RESULT_TOPIC, type: 'NORMAL' }],
    producerGroups: [],
    consumes: [],
  },
  {
    name: 'notifier',
    port: NOTIFIER_PORT,
    prefix: NOTIFIER_PREFIX,
    database: 'tx_notifier',
    publishes: [],
    producerGroups: [],
    consumes: [
      { group: NOTIFIER_TOP_UP_CONSUMER_GROUP, topic: NOTIFY_TOPIC },
      { group: NOTIFIER_CUSTODY_CONSUMER_GROUP, topic: CUSTODY_RESULT_TOPIC },
    ],
    libraryScripts: ['libs/webhooks/sql/webhooks.sql'],
  },
  {
    name: 'seata-bank1',
    port: SEATA_BANK1_PORT,
    prefix: SEATA_BANK1_PREFIX,
    database: 'seata_bank1',
    publishes: [],
    producerGroups: [],
    consumes: [],
    libraryScripts: ['libs/seata/sql/seata.sql'],
    usesSeata: true,
  },
  {
    name: 'seata-bank2',
    port: SEATA_BANK2_PORT,
    prefix: SEATA_BANK2_PREFIX,
    database: 'seata_bank2',
    publishes: [],
    producerGroups: [],
    consumes: [],
    libraryScripts: ['libs/seata/sql/seata.sql'],
    usesSeata: true,
  },
  {
    name: 'identity',
    port: IDENTITY_PORT,
    prefix: IDENTITY_PREFIX,
    database: 'tx_identity',
    publishes: [],
    producerGroups: [],
    consumes: [],
    libraryScripts: ['libs/seata/sql/seata.sql'],
    usesSeata: true,
  },
] as const satisfies readonly Service[];

export type ServiceName = (typeof LIST)[number]['name'];

/**
 * Every service of this repository. The local stack makes their databases, topics and groups, `npm run app` starts one
 * of them, and demo, chaos, tests and the checks of the containers read the same list.
 */
export const SERVICES: readonly Service<ServiceName>[] = LIST;

/** The two services that move money between them. */
export const BANKS = ['bank1', 'bank2'] as const satisfies readonly ServiceName[];
export type Bank = (typeof BANKS)[number];

/** The two services of the shop. */
export const SHOP = ['order', 'stock'] as const satisfies readonly ServiceName[];
export type ShopService = (typeof SHOP)[number];

/** The two services of the full-bid review. */
export const REVIEW = ['trading', 'repayment'] as const satisfies readonly ServiceName[];
export type ReviewService = (typeof REVIEW)[number];

/** The user centre, and the bank at which it has accounts opened. */
export const CUSTODY = ['user', 'custody'] as const satisfies readonly ServiceName[];
export type CustodyService = (typeof CUSTODY)[number];

/** The two banks that both commit a transfer or neither. */
export const SEATA_BANKS = ['seata-bank1', 'seata-bank2'] as const satisfies readonly ServiceName[];
export type SeataBank = (typeof SEATA_BANKS)[number];

/** The user centre and the login accounts: a registration is made at both or at neither. */
export const REGISTRATION = ['user', 'identity'] as const satisfies readonly ServiceName[];
export type RegistrationService = (typeof REGISTRATION)[number];

/** Whether a service sends or receives messages, and so needs RocketMQ and txmsg's tables. */
export function hasMessages({ publishes, consumes }: Service): boolean {
  return publishes.length + consumes.length > 0;
}

export function isServiceName(name: string | undefined): name is ServiceName {
  return SERVICES.some((service) => service.name === name);
}

export function serviceNamed(name: ServiceName): Service<ServiceName> {
  const service = SERVICES.find((one) => one.name === name);
  if (service === undefined) throw new Error(`There is no service "${name}" in the list of services.`);
  return service;
}

/**
 * The topics that these services send to and receive, with their types. One that they only receive is among them: without
 * it their consumer is never ready, also where the service that sends to it does not run.
 */
export function topicsOf(services: readonly Service[]): Service['publishes'] {
  const sent = SERVICES.flatMap(({ publishes }) => publishes);
  const wanted = new Set(
    services.flatMap(({ publishes, consumes }) => [...publishes, ...consumes].map(({ topic }) => topic)),
  );
  return sent.filter(({ topic }) => wanted.has(topic));
}

/** A service whose topics and groups end like this, as its setting NAME_SUFFIX makes it. */
export function serviceWithSuffix<One extends Service>(service: One, suffix: string): One {
  const named = (name: string): string => `${name}${suffix}`;
  return {
    ...service,
    publishes: service.publishes.map(({ topic, type }) => ({ topic: named(topic), type })),
    producerGroups: service.producerGroups.map(named),
    consumes: service.consumes.map(({ group, topic }) => ({ group: named(group), topic: named(topic) })),
  };
}

type VariablePrefix<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Uppercase<Head>}_${VariablePrefix<Tail>}`
  : Uppercase<Name>;

/** Where programs find the database of a service: `BANK1_MYSQL_URL`. */
export type MysqlUrlVariable = `${VariablePrefix<ServiceName>}_MYSQL_URL`;

export function mysqlUrlVariable(name: ServiceName): MysqlUrlVariable {
  return `${variablePrefix(name)}_MYSQL_URL` as MysqlUrlVariable;
}

/** How the names of a service's variables begin, for programs that start several: `BANK1_PORT`. */
export function variablePrefix(name: ServiceName): string {
  return name.toUpperCase().replaceAll('-', '_');
}
