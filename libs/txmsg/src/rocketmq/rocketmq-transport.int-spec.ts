import { describeBrokerContract } from '../testing/broker-contract.js';
import { openTestBroker } from './test-broker.fixture.js';

const broker = openTestBroker();

describeBrokerContract('RocketMQ through its official client', {
  hasOutage: false,
  open: () => broker,
});
