import type { Message } from '../src/wire/index.js';

const xid = '10.0.0.1:8091:9223372036854775807';
const resourceId = 'jdbc:mysql://10.0.0.2:3306/库';
const result = { ok: true, message: '', exceptionCode: 0 };
const refused = { ok: false, message: 'Es geht nicht: 不行', exceptionCode: 2 };
const branchEnd = {
  xid,
  branchId: 9_007_199_254_740_993n,
  branchType: 1,
  resourceId,
  applicationData: '{"a":"é"}',
};
const branchEnded = { result, xid, branchId: -1n, branchStatus: 5 };
const lock = { xid, branchType: 0, resourceId, lockKey: 't:1,2;u:a_b', applicationData: 'x'.repeat(40_000) };
const end = { xid, extraData: '' };
const register = {
  version: '1.8.0',
  applicationId: 'app',
  txServiceGroup: 'default_tx_group',
  extraData: '',
};

/** One message of every type. */
export const SAMPLE_MESSAGES: readonly Message[] = [
  { type: 'Begin', timeoutMs: 60_000, name: 'n' },
  { type: 'BeginResponse', result, xid, extraData: '' },
  { type: 'BranchCommit', ...branchEnd },
  { type: 'BranchCommitResponse', ...branchEnded },
  { type: 'BranchRollback', ...branchEnd, branchType: 0, applicationData: '' },
  { type: 'BranchRollbackResponse', ...branchEnded, result: refused, branchStatus: 9 },
  { type: 'Commit', ...end },
  { type: 'CommitResponse', result: refused, globalStatus: 3 },
  { type: 'Rollback', ...end, extraData: 'e' },
  { type: 'RollbackResponse', result, globalStatus: 11 },
  { type: 'BranchRegister', ...lock },
  { type: 'BranchRegisterResponse', result, branchId: 9_223_372_036_854_775_807n },
  {
    type: 'BranchReport',
    xid,
    branchId: 1n,
    branchStatus: 3,
    resourceId,
    applicationData: '',
    branchType: 0,
  },
  { type: 'BranchReportResponse', result },
  { type: 'Status', ...end },
  { type: 'StatusResponse', result, globalStatus: 255 },
  { type: 'LockQuery', ...lock, applicationData: '' },
  { type: 'LockQueryResponse', result, lockable: 1 },
  { type: 'RegisterTm', ...register },
  { type: 'RegisterTmResponse', ok: 1, version: '1.8.0' },
  { type: 'RegisterRm', ...register, resourceIds: 'a,b' },
  { type: 'RegisterRmResponse', ok: 0, version: '' },
  { type: 'UndoLogDelete', branchType: 0, resourceId, days: 7 },
];
