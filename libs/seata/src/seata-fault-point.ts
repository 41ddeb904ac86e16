import type { ServiceFaultPoint } from 'txmsg/faults';

/**
 * Every step at which a crash matters, floor by floor, in the order in which a global transaction meets them. A service that
 * uses the library names them among its own (`serviceFaultPoints` of txmsg), so that rules may name them; the context's
 * `txNo` is the XID.
 */
export const SEATA_FAULT_POINTS = [
  'service:seata.tm.begun',
  'service:seata.tm.before-commit',
  'service:seata.tm.commit-answered',
  'service:seata.tm.before-rollback',
  'service:seata.tm.rollback-answered',
  'service:seata.rm.before-register',
  'service:seata.rm.registered',
  'service:seata.rm.commit-received',
  'service:seata.rm.commit-before-answer',
  'service:seata.rm.rollback-received',
  'service:seata.rm.rollback-before-answer',
  'service:seata.tcc.before-register',
  'service:seata.tcc.registered',
  'service:seata.tcc.try-executed',
  'service:seata.tcc.try-before-commit',
  'service:seata.tcc.tried',
  'service:seata.tcc.confirm-begun',
  'service:seata.tcc.confirm-executed',
  'service:seata.tcc.confirm-before-commit',
  'service:seata.tcc.confirmed',
  'service:seata.tcc.cancel-begun',
  'service:seata.tcc.cancel-executed',
  'service:seata.tcc.cancel-before-commit',
  'service:seata.tcc.cancelled',
  'service:seata.at.begun',
  'service:seata.at.before-image',
  'service:seata.at.executed',
  'service:seata.at.registered',
  'service:seata.at.undo-written',
  'service:seata.at.before-commit',
  'service:seata.at.committed',
  'service:seata.at.rollback-begun',
  'service:seata.at.rollback-executed',
  'service:seata.at.rollback-before-commit',
  'service:seata.at.rolled-back',
  'service:seata.at.commit-deleted',
] as const satisfies readonly ServiceFaultPoint[];

/** One of `SEATA_FAULT_POINTS`. */
export type SeataFaultPoint = (typeof SEATA_FAULT_POINTS)[number];
