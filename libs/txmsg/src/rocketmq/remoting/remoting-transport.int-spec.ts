import { describeBrokerContract } from '../../testing/broker-contract.js';
import { openRemotingTestBroker } from './remoting-test-broker.fixture.js';

const broker = openRemotingTestBroker();

describeBrokerContract('RocketMQ through its own protocol', {
  hasOutage: false,
  open: () => broker,
});
