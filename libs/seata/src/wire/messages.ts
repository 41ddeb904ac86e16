/** What a field is on the wire, and in a program. */
interface FieldTypes {
  u8: number;
  i16: number;
  i32: number;
  i64: bigint;
  s16: string;
  s32: string;
  result: CallResult;
}

/** How a field is written. */
export type FieldKind = keyof FieldTypes;

/** Whether the coordinator did what it was asked. The fields after it are there in both cases. */
export interface CallResult {
  readonly ok: boolean;
  /** Why not; "" when it did. */
  readonly message: string;
  /** The ordinal of Seata's TransactionExceptionCode. */
  readonly exceptionCode: number;
}

const END_REQUEST = { xid: 's16', extraData: 's16' } as const;
const END_RESPONSE = { result: 'result', globalStatus: 'u8' } as const;
const BRANCH_END_REQUEST = {
  xid: 's16',
  branchId: 'i64',
  branchType: 'u8',
  resourceId: 's16',
  applicationData: 's32',
} as const;
const BRANCH_END_RESPONSE = {
  result: 'result',
  xid: 's16',
  branchId: 'i64',
  branchStatus: 'u8',
} as const;
const LOCK_REQUEST = {
  xid: 's16',
  branchType: 'u8',
  resourceId: 's16',
  lockKey: 's32',
  applicationData: 's32',
} as const;
const REGISTER_REQUEST = {
  version: 's16',
  applicationId: 's16',
  txServiceGroup: 's16',
  extraData: 's16',
} as const;
const REGISTER_RESPONSE = { ok: 'u8', version: 's16' } as const;

/** Every message: its number, and its fields in the order in which they are written. */
export const MESSAGES = {
  Begin: { code: 1, fields: { timeoutMs: 'i32', name: 's16' } },
  BeginResponse: { code: 2, fields: { result: 'result', xid: 's16', extraData: 's16' } },
  BranchCommit: { code: 3, fields: BRANCH_END_REQUEST },
  BranchCommitResponse: { code: 4, fields: BRANCH_END_RESPONSE },
  BranchRollback: { code: 5, fields: BRANCH_END_REQUEST },
  BranchRollbackResponse: { code: 6, fields: BRANCH_END_RESPONSE },
  Commit: { code: 7, fields: END_REQUEST },
  CommitResponse: { code: 8, fields: END_RESPONSE },
  Rollback: { code: 9, fields: END_REQUEST },
  RollbackResponse: { code: 10, fields: END_RESPONSE },
  BranchRegister: { code: 11, fields: LOCK_REQUEST },
  BranchRegisterResponse: { code: 12, fields: { result: 'result', branchId: 'i64' } },
  BranchReport: {
    code: 13,
    fields: {
      xid: 's16',
      branchId: 'i64',
      branchStatus: 'u8',
      resourceId: 's16',
      applicationData: 's32',
      branchType: 'u8',
    },
  },
  BranchReportResponse: { code: 14, fields: { result: 'result' } },
  Status: { code: 15, fields: END_REQUEST },
  StatusResponse: { code: 16, fields: END_RESPONSE },
  LockQuery: { code: 21, fields: LOCK_REQUEST },
  LockQueryResponse: { code: 22, fields: { result: 'result', lockable: 'i16' } },
  RegisterTm: { code: 101, fields: REGISTER_REQUEST },
  RegisterTmResponse: { code: 102, fields: REGISTER_RESPONSE },
  RegisterRm: { code: 103, fields: { ...REGISTER_REQUEST, resourceIds: 's32' } },
  RegisterRmResponse: { code: 104, fields: REGISTER_RESPONSE },
  UndoLogDelete: { code: 111, fields: { branchType: 'u8', resourceId: 's16', days: 'i16' } },
} as const satisfies Record<string, { code: number; fields: Record<string, FieldKind> }>;

/** The name of a message. */
export type MessageType = keyof typeof MESSAGES;

type FieldsOf<T extends MessageType> = (typeof MESSAGES)[T]['fields'];

/** The message of this name. */
export type MessageOf<T extends MessageType> = { readonly type: T } & {
  readonly [Field in keyof FieldsOf<T>]: FieldsOf<T>[Field] extends FieldKind
    ? FieldTypes[FieldsOf<T>[Field]]
    : never;
};

/** Any message. */
export type Message = { [T in MessageType]: MessageOf<T> }[MessageType];

/** What is asked, and the answer to it. */
export const RESPONSES = {
  Begin: 'BeginResponse',
  BranchCommit: 'BranchCommitResponse',
  BranchRollback: 'BranchRollbackResponse',
  Commit: 'CommitResponse',
  Rollback: 'RollbackResponse',
  BranchRegister: 'BranchRegisterResponse',
  BranchReport: 'BranchReportResponse',
  Status: 'StatusResponse',
  LockQuery: 'LockQueryResponse',
  RegisterTm: 'RegisterTmResponse',
  RegisterRm: 'RegisterRmResponse',
} as const satisfies Partial<Record<MessageType, MessageType>>;

/** The name of a message that is answered. */
export type RequestType = keyof typeof RESPONSES;
/** A message that is answered. */
export type Request<T extends RequestType = RequestType> = { [R in T]: MessageOf<R> }[T];
/** The answer to a message of this name. */
export type ResponseTo<T extends RequestType> = MessageOf<(typeof RESPONSES)[T]>;
