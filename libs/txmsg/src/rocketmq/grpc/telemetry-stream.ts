import { EventEmitter } from 'node:events';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { wire } from './client-protocol.js';

type CommandStream = ClientDuplexStream<wire.TelemetryCommand, wire.TelemetryCommand>;

/**
 * Stands between the telemetry session of rocketmq-client-nodejs 1.0.8 and its gRPC stream. The session drops all
 * its listeners while the stream is still alive, and the next error of the stream then ends the process
 * (uncaughtException); it also reconnects by a timer that nobody clears at shutdown. Here the gRPC stream always
 * has its listeners, and the session never sees an error or an end: the loss goes to `onLost`, which opens the session
 * again or replaces the whole client.
 * Tests: telemetry-stream.spec.ts.
 */
export class TelemetryStream extends EventEmitter {
  #released = false;

  constructor(
    private readonly stream: CommandStream,
    private readonly onLost: (cause: Error) => void,
  ) {
    super();
    stream.on('data', (command: wire.TelemetryCommand) => {
      this.#pass(command);
    });
    stream.on('error', (error) => {
      this.#lose(error);
    });
    stream.on('end', () => {
      this.#lose(new Error('the broker ended the telemetry stream'));
    });
  }

  /** The session uses `on`, `once`, `write`, `end` and `removeAllListeners` of the stream, nothing else. */
  asClientStream(): CommandStream {
    return this as unknown as CommandStream;
  }

  write(command: wire.TelemetryCommand): boolean {
    return this.#released || this.stream.write(command);
  }

  end(): this {
    this.#released = true;
    this.stream.end();
    this.stream.cancel();
    return this;
  }

  /** The session throws at settings that it does not understand; in a stream's handler that ends the process. */
  #pass(command: wire.TelemetryCommand): void {
    try {
      if (!this.#released) this.emit('data', command);
    } catch (error) {
      this.#lose(error as Error);
    }
  }

  #lose(cause: Error): void {
    if (this.#released) return;
    this.#released = true;
    this.onLost(cause);
  }
}
