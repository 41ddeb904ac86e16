import { parseBrokerAddress, type BrokerAddress } from 'txmsg/building-blocks';

/** Where the tests' coordinator listens. Tests that need it fail without it; none is passed over. */
export function coordinatorAddress(): BrokerAddress {
  const text = process.env.SEATA_SERVER;
  const address = text === undefined ? undefined : parseBrokerAddress(text);
  if (address === undefined)
    throw new Error('SEATA_SERVER is not set to host:port: run the tests with "npm test".');
  return address;
}
