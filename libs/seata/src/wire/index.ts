export {
  encodeFrame,
  FRAME_BYTES_MAX,
  FRAME_KINDS,
  frameBytes,
  HEAD_BYTES,
  type Frame,
  type FrameKind,
} from './frame.js';
export { FrameDecoder } from './frame.decoder.js';
export { decodeMessage, encodeMessage } from './message.codec.js';
export {
  MESSAGES,
  RESPONSES,
  type CallResult,
  type Message,
  type MessageOf,
  type MessageType,
  type Request,
  type RequestType,
  type ResponseTo,
} from './messages.js';
export {
  BRANCH_STATUS,
  BRANCH_TYPE_CODES,
  EXCEPTION_CODES,
  GLOBAL_STATUSES,
  globalStatusOf,
  type GlobalStatus,
} from './numbers.js';
