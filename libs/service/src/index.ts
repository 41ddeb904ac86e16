export { AdminController } from './admin/admin-controller.decorator.js';
export { AdminGuard } from './admin/admin.guard.js';
export { AdminAction, logAdminAction } from './admin/admin-action.js';
export { JobsAdminModule } from './admin/jobs.controller.js';
export { adminProof, isProven } from './admin/admin-proof.js';
export { canonicalHost, isLoopback } from './configuration/host-name.js';
export { loadSettings } from './configuration/load-settings.js';
export { MessagingSettings } from './configuration/messaging-settings.js';
export { ServiceSettings } from './configuration/service-settings.js';
export { Setting } from './configuration/setting.decorator.js';
export {
  brokerName,
  httpUrl,
  matching,
  onOrOff,
  oneOf,
  secretWord,
  sharedSecret,
  wholeNumber,
  wholeNumbers,
} from './configuration/setting-rules.js';
export { shutdownPhases } from './configuration/shutdown-phases.js';
export { SettingsError } from './configuration/settings.error.js';
export { settingsTable } from './configuration/settings-table.js';
export { storeOnce, type StoredOnce, type StoreOutcome } from './database/store-once.js';
export { TxNoInsert } from './database/tx-no-insert.js';
export { BoundedRead } from './database/bounded-read.js';
export { asDatabaseProblem } from './database/database-problem.js';
export { readAfterCommit } from './database/read-after-commit.js';
export { isSigned, NONCE_HEADER, SIGNATURE_HEADER } from './http/answer-signature.js';
export { ClassicGet, ClassicGetAnyHost, ClassicGetEnabled, type ClassicCall } from './http/classic-call.js';
export { ApiProblem } from './http/problem.document.js';
export { ADMIN_SECURITY } from './http/open-api.js';
export { PageQuery } from './http/page.query.js';
export { Readiness } from './health/readiness.js';
export { createServiceHttp } from './http/service-http.js';
export { IdentifierPipe } from './http/identifier.pipe.js';
export type { FieldProblem, ProblemDocument } from './http/problem.document.js';
export { ProblemException } from './http/problem.exception.js';
export {
  nothingDone,
  replyTo,
  sendProblem,
  txNoConflict,
  type SendAnswer,
  type SentThing,
} from './http/send-answer.js';
export { chooseTxNo } from './http/tx-no-of-call.js';
export { fieldProblem, invalidInput, SECRET_FIELD } from './http/validation-pipe.js';
export { boundedText } from './peer/bounded-text.js';
export { fetchFailure } from './peer/fetch-failure.js';
export {
  PeerClient,
  PeerUnansweredError,
  type AskOptions,
  type PeerAnswer,
  type PeerClientOptions,
} from './peer/peer.client.js';
export {
  AcceptUnsignedAnswers,
  peerProblems,
  PeerSettings,
  PeerSharedSecret,
  unprovenPeerProblems,
  type AnswerProofs,
} from './peer/peer-settings.js';
export { Reconciliation, type DueItems, type ReconciledItem } from './scheduling/reconciliation.js';
export { ReconciliationSchedule } from './scheduling/reconciliation-schedule.js';
export { PeriodicWork, type Rounds } from './scheduling/periodic-work.js';
export {
  outcomeOfResend,
  type ReconciliationOutcome,
  type ReconciliationReport,
} from './scheduling/reconciliation-round.js';
export { ServiceModule } from './service.module.js';
export { observeOpenWork, type OpenWork } from './telemetry/open-work.js';
export { Readings, type Observation, type Reading } from './telemetry/readings.js';
export { startTelemetry, type Telemetry } from './telemetry/telemetry.js';
export { TelemetryModule } from './telemetry/telemetry.module.js';
export { StartupError } from './startup/startup.error.js';
export { runService, type ServiceDefinition } from './startup/run-service.js';
