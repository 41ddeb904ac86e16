export { CLAIM_INDEX, checkClaimIndex } from './claim-index.check.js';
export { LocalMessageOutbox, type LocalMessage } from './local-message-outbox.js';
export { LocalMessageStore } from './local-message.store.js';
export { checkUnnamedTopics } from './unnamed-topics.check.js';
export { OutboxRelay } from './outbox.relay.js';
