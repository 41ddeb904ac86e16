export {
  ConfiguredFaults,
  FAULT_ACTIONS,
  InjectedFaultError,
  type FaultAction,
  type FaultRule,
  type FaultRuleState,
} from './configured-faults.js';
export { FaultInjector, NoFaults, type FaultContext } from './fault-injector.js';
export { FAULT_POINTS, type FaultPoint, type ServiceFaultPoint } from './fault-point.js';
