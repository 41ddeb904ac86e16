import { MalformedFrameError, MessageNotEncodableError } from '../errors/index.js';
import { MESSAGES, type CallResult, type FieldKind, type Message, type MessageType } from './messages.js';
import { WireReader } from './wire-reader.js';
import { UnwritableValue, WireWriter } from './wire-writer.js';

/** A failure's message is cut to what a text of 16 bits holds with room to spare. */
const RESULT_MESSAGE_MAX = 1000;

const TYPE_OF = new Map<number, MessageType>(
  (Object.keys(MESSAGES) as MessageType[]).map((type) => [MESSAGES[type].code, type]),
);

type AnyFields = Readonly<Record<string, unknown>>;

/** The body of a frame. @throws MessageNotEncodableError */
export function encodeMessage(message: Message): Buffer {
  const { code, fields } = MESSAGES[message.type];
  const writer = new WireWriter();
  try {
    writer.i16(code);
    for (const [name, kind] of Object.entries<FieldKind>(fields)) {
      write(writer, kind, (message as AnyFields)[name]);
    }
  } catch (error) {
    if (!(error instanceof UnwritableValue)) throw error;
    throw new MessageNotEncodableError(message.type, error.message);
  }
  return writer.bytes();
}

/**
 * Reads the body of a frame. Fields that a newer coordinator appends are ignored.
 * @throws MalformedFrameError also for a type that is not known
 */
export function decodeMessage(body: Buffer): Message {
  const reader = new WireReader(body);
  const code = reader.i16();
  const type = TYPE_OF.get(code);
  if (type === undefined) throw new MalformedFrameError(`a message of the unknown type ${code}`);
  const message: Record<string, unknown> = { type };
  for (const [name, kind] of Object.entries<FieldKind>(MESSAGES[type].fields))
    message[name] = read(reader, kind);
  return message as unknown as Message;
}

function write(writer: WireWriter, kind: FieldKind, value: unknown): void {
  if (kind !== 'result') {
    (writer[kind] as (value: unknown) => void).call(writer, value);
    return;
  }
  const { ok, message, exceptionCode } = value as CallResult;
  writer.u8(ok ? 1 : 0);
  if (!ok) writer.s16(message.slice(0, RESULT_MESSAGE_MAX));
  writer.u8(exceptionCode);
}

function read(reader: WireReader, kind: FieldKind): unknown {
  if (kind !== 'result') return reader[kind]();
  const code = reader.u8();
  if (code > 1) throw new MalformedFrameError(`the result code ${code}, which must be 0 or 1`);
  const ok = code === 1;
  return { ok, message: ok ? '' : reader.s16(), exceptionCode: reader.u8() } satisfies CallResult;
}
