import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { wire } from './client-protocol.js';
import { TelemetryStream } from './telemetry-stream.js';

type CommandStream = ClientDuplexStream<wire.TelemetryCommand, wire.TelemetryCommand>;

class FakeGrpcStream extends EventEmitter {
  readonly end = jest.fn();
  readonly cancel = jest.fn();
  readonly write = jest.fn(() => true);
}

describe('the telemetry stream', () => {
  let grpcStream: FakeGrpcStream;
  let lost: Error[];
  let stream: TelemetryStream;

  beforeEach(() => {
    grpcStream = new FakeGrpcStream();
    lost = [];
    stream = new TelemetryStream(grpcStream as unknown as CommandStream, (cause) => lost.push(cause));
  });

  it('survives an error after it was released, as the session does it', () => {
    stream.end();
    stream.removeAllListeners();
    expect(() => grpcStream.emit('error', new Error('late'))).not.toThrow();
    expect(grpcStream.cancel).toHaveBeenCalled();
    expect(lost).toEqual([]);
  });

  it('reports a loss once and keeps it from the session, which would begin to reconnect', () => {
    const seen: unknown[] = [];
    stream.once('error', (error) => seen.push(error));
    stream.once('end', () => seen.push('end'));
    grpcStream.emit('error', new Error('reset'));
    grpcStream.emit('end');
    expect(lost.map(String)).toEqual(['Error: reset']);
    expect(seen).toEqual([]);
  });

  it('takes an end by the broker for a loss', () => {
    grpcStream.emit('end');
    expect(lost).toHaveLength(1);
  });

  it('turns a command that the session cannot take into a loss', () => {
    stream.on('data', () => {
      throw new Error('strategy must be exponential backoff');
    });
    expect(() => grpcStream.emit('data', {})).not.toThrow();
    expect(lost.map(String)).toEqual(['Error: strategy must be exponential backoff']);
  });

  it('writes nothing once it was released', () => {
    stream.write({} as wire.TelemetryCommand);
    stream.end();
    stream.write({} as wire.TelemetryCommand);
    expect(grpcStream.write).toHaveBeenCalledTimes(1);
  });
});
