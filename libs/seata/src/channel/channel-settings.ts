import { formatBrokerAddress, type BrokerAddress } from 'txmsg/building-blocks';

/** What a connection to the coordinator is made with. */
export interface ChannelSettings {
  /** Where the coordinator listens. */
  readonly server: BrokerAddress;
  /** The setting that `server` comes from, for messages. @default none is named */
  readonly serverSetting?: string;
  readonly applicationId: string;
  readonly txServiceGroup: string;
  /** How long connecting and registering may take each, in ms. */
  readonly callTimeoutMs: number;
  /** The pause after the first failure, in ms; it doubles with every further one. */
  readonly reconnectMinMs: number;
  /** The longest pause, in ms. */
  readonly reconnectMaxMs: number;
  /** How many calls may wait for their answer at a time, on each connection. */
  readonly callsMax: number;
}

/** Where the coordinator is looked for, and who said so. */
export function coordinatorPlace({
  server,
  serverSetting,
}: Pick<ChannelSettings, 'server' | 'serverSetting'>): string {
  const address = formatBrokerAddress(server);
  return serverSetting === undefined ? address : `${address} (${serverSetting})`;
}
