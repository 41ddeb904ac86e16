export { BankModule } from './bank.module.js';
export { AccountEntity, type AccountStatus } from './accounts/account.entity.js';
export { creditAll, debitAll, refundAll, type AccountChange } from './accounts/account-batch.js';
export { credit, debit, refund, type CreditOutcome, type DebitOutcome } from './accounts/account-ledger.js';
export { AdminController } from './admin/admin-controller.decorator.js';
export { AdminAction, logAdminAction } from './admin/admin-action.js';
export { adminProof } from './admin/admin-proof.js';
export { BankSettings } from './configuration/bank-settings.js';
export { canonicalHost, isLoopback } from './configuration/host-name.js';
export { loadSettings } from './configuration/load-settings.js';
export { Setting } from './configuration/setting.decorator.js';
export {
  brokerName,
  httpUrl,
  matching,
  onOrOff,
  oneOf,
  secretWord,
  wholeNumber,
} from './configuration/setting-rules.js';
export { shutdownPhases } from './configuration/shutdown-phases.js';
export { SettingsError } from './configuration/settings.error.js';
export { settingsTable } from './configuration/settings-table.js';
export { BoundedRead } from './database/bounded-read.js';
export { asDatabaseProblem } from './database/database-problem.js';
export { isSigned, NONCE_HEADER, SIGNATURE_HEADER } from './http/answer-signature.js';
export { ApiProblem } from './http/problem.document.js';
export { createBankHttp } from './http/bank-http.js';
export { foreignPageProblem } from './http/page-request.js';
export { isCalledByLoopbackName } from './http/request-door.js';
export { IdentifierPipe } from './http/identifier.pipe.js';
export type { FieldProblem, ProblemDocument } from './http/problem.document.js';
export { ProblemException } from './http/problem.exception.js';
export { fieldProblem, invalidInput } from './http/validation-pipe.js';
export { Readings, type Observation, type Reading } from './telemetry/readings.js';
export { startTelemetry, type Telemetry } from './telemetry/telemetry.js';
export { TelemetryModule } from './telemetry/telemetry.module.js';
export { StartupError } from './startup/startup.error.js';
export { runBank, type BankDefinition } from './startup/run-bank.js';
