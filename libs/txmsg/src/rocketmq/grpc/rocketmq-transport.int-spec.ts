import { describeBrokerContract } from '../../../test/broker-contract.js';
import { openTestBroker } from '../../../test/test-broker.js';

const broker = openTestBroker();

describeBrokerContract('RocketMQ through its official client', {
  hasOutage: false,
  open: () => broker,
});
