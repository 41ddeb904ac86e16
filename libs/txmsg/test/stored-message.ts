interface MessageParts {
  readonly topic?: string;
  readonly body?: Buffer;
  readonly properties?: string;
  readonly sysFlag?: number;
  readonly redeliveries?: number;
  readonly queueOffset?: number;
  readonly isV2?: boolean;
  readonly bornAtMs?: bigint;
}

/** A message as a broker stores it (MessageDecoder of 5.4.0). */
export function storedMessage({
  topic = 't',
  body = Buffer.from('body'),
  properties = 'UNIQ_KEY\u0001ID\u0002',
  sysFlag = 0,
  redeliveries = 0,
  queueOffset = 77,
  isV2 = false,
  bornAtMs = 1_700_000_000_000n,
}: MessageParts): Buffer {
  const host = (isIpv6: boolean): Buffer => Buffer.concat([Buffer.alloc(isIpv6 ? 16 : 4), int32(10911)]);
  const bornHost =
    (sysFlag & 0x10) === 0 ? Buffer.concat([Buffer.of(10, 1, 2, 3), int32(10911)]) : host(true);
  const topicBytes = Buffer.from(topic);
  const propertyBytes = Buffer.from(properties);
  const rest = Buffer.concat([
    int32(isV2 ? -626_843_477 : -626_843_481),
    int32(0),
    int32(5),
    int32(0),
    int64(queueOffset),
    int64(4_096),
    int32(sysFlag),
    int64(bornAtMs),
    bornHost,
    int64(1_700_000_000_001),
    host((sysFlag & 0x20) !== 0),
    int32(redeliveries),
    int64(0),
    int32(body.length),
    body,
    isV2 ? int16(topicBytes.length) : Buffer.of(topicBytes.length),
    topicBytes,
    int16(propertyBytes.length),
    propertyBytes,
  ]);
  return Buffer.concat([int32(4 + rest.length), rest]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
