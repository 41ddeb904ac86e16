import { describeBrokerContract } from '../testing/broker-contract.js';
import { openTestBroker } from './test-broker.js';

const broker = openTestBroker();

describeBrokerContract('RocketMQ through its official client', {
  hasOutage: false,
  open: () => broker,
});
