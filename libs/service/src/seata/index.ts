/** For services that take part in two-phase commits: their settings, and the library with them. An entry of its own, since it loads more. */
export {
  AcceptXidFrom,
  GlobalTimeoutMs,
  SeataApplicationId,
  SeataServer,
  SeataServiceGroup,
  TwoPhaseCommitSettings,
  type SeataSettings,
} from './seata-settings.js';
export { BranchClient, type BranchOrder } from './branch.client.js';
export {
  OpenRowEnds,
  openRowsSince,
  rollBackUnlessTried,
  type OpenRow,
  type OpenRows,
} from './open-row.ends.js';
export {
  branchProblem,
  hasNotBegun,
  refuseColonUnderAt,
  rolledBack,
  RowNotOpenedError,
} from './two-phase-problems.js';
export { OpenBranchesGauge } from './open-branches.gauge.js';
export { TwoPhaseCommitsModule } from './two-phase-commits.module.js';
