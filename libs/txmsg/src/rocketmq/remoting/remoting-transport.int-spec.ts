import { describeBrokerContract } from '../../../test/broker-contract.js';
import { openRemotingTestBroker } from '../../../test/remoting-test-broker.js';

const broker = openRemotingTestBroker();

describeBrokerContract('RocketMQ through its own protocol', {
  hasOutage: false,
  open: () => broker,
});
