/** Numbers of RequestCode, ResponseCode, MQVersion and LanguageCode in apache/rocketmq 5.4.0. */
export const RequestCode = {
  VIEW_MESSAGE_BY_ID: 33,
  HEART_BEAT: 34,
  UNREGISTER_CLIENT: 35,
  END_TRANSACTION: 37,
  CHECK_TRANSACTION_STATE: 39,
  GET_ROUTEINFO_BY_TOPIC: 105,
  SEND_MESSAGE_V2: 310,
  GET_TOPIC_CONFIG: 351,
  POP_MESSAGE: 200050,
  CHANGE_MESSAGE_INVISIBLETIME: 200053,
  BATCH_ACK_MESSAGE: 200151,
} as const;

export const ResponseCode = {
  SUCCESS: 0,
  SYSTEM_ERROR: 1,
  SYSTEM_BUSY: 2,
  REQUEST_CODE_NOT_SUPPORTED: 3,
  FLUSH_DISK_TIMEOUT: 10,
  SLAVE_NOT_AVAILABLE: 11,
  FLUSH_SLAVE_TIMEOUT: 12,
  SERVICE_NOT_AVAILABLE: 14,
  NO_PERMISSION: 16,
  TOPIC_NOT_EXIST: 17,
  PULL_NOT_FOUND: 19,
  SUBSCRIPTION_GROUP_NOT_EXIST: 26,
  POLLING_FULL: 209,
  POLLING_TIMEOUT: 210,
  FLOW_CONTROL: 215,
} as const;

/** The version that this client reports; nothing that servers do for it depends on it. */
export const OWN_VERSION = 493; // V5_4_0
export const OWN_LANGUAGE = { name: 'OTHER', code: 7 } as const;

/** V5_0_0; servers put their version into every response. */
export const SERVER_VERSION_MIN = 413;
