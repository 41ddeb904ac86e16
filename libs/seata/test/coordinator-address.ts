import { parseBrokerAddress, type BrokerAddress } from 'txmsg/building-blocks';
import { sharedCoordinator } from './coordinator.js';

/** Where the coordinator listens that the tests of this run share. */
export async function coordinatorAddress(): Promise<BrokerAddress> {
  const server = await sharedCoordinator();
  const address = parseBrokerAddress(server);
  if (address === undefined)
    throw new Error(`The tests' coordinator is at "${server}": host:port was expected.`);
  return address;
}
