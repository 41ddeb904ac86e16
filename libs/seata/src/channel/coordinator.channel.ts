import { Logger } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { BackgroundLoop, withDeadline } from 'txmsg/building-blocks';
import { CoordinatorUnavailableError } from '../errors/index.js';
import type { Request, RequestType, ResponseTo } from '../wire/index.js';
import { BackOff } from './back-off.js';
import { coordinatorPlace, type ChannelSettings } from './channel-settings.js';
import {
  CoordinatorConnection,
  LIVENESS,
  type Liveness,
  type RequestHandler,
} from './coordinator.connection.js';
import { openSocket } from './open-socket.js';

/** As what a connection is registered: TM begins and ends global transactions, RM registers branches and answers for them. */
export type ChannelRole = 'TM' | 'RM';

/** The message that registers a connection. */
export type Registration = Request<'RegisterTm' | 'RegisterRm'>;

/** How long a connection waits that nothing needs yet; `registerAgain()` ends it. */
const NOT_NEEDED_PAUSE_MS = 3_600_000;

/** A connection to the coordinator that is made again whenever it has ended. */
export class CoordinatorChannel {
  private readonly logger = new Logger(CoordinatorChannel.name);
  private readonly loop = new BackgroundLoop();
  private readonly backOff: BackOff;
  private readonly place: string;
  private connection: CoordinatorConnection | undefined;
  private problem: string | undefined;
  private version: string | undefined;
  private waiting: (() => void)[] = [];

  /**
   * @param registration - what it is registered with now; undefined: it is not needed yet
   * @param onRequest - what the coordinator asks over it
   */
  constructor(
    readonly role: ChannelRole,
    private readonly settings: ChannelSettings,
    private readonly registration: () => Registration | undefined,
    private readonly onRequest: RequestHandler,
    private readonly liveness: Liveness = LIVENESS,
  ) {
    this.place = coordinatorPlace(settings);
    this.backOff = new BackOff(settings.reconnectMinMs, settings.reconnectMaxMs);
  }

  /** True when it is connected and registered, or not needed. */
  get isReady(): boolean {
    return this.connection !== undefined || this.registration() === undefined;
  }

  /** What the coordinator said when the connection was last registered. */
  get serverVersion(): string | undefined {
    return this.version;
  }

  /** Connects in the background, again and again. */
  start(): void {
    this.loop.start(() => this.round());
  }

  /** Resolves as soon as it is ready, at the latest when the deadline has passed. @returns whether it is */
  async ready(deadline: Deadline): Promise<boolean> {
    if (this.isReady) return true;
    const connected = new Promise<void>((resolve) => this.waiting.push(resolve));
    await withDeadline(connected, deadline.remainingMs(), () => new Error('not ready')).catch(
      () => undefined,
    );
    return this.isReady;
  }

  /** Never waits for a connection. @throws CoordinatorUnavailableError or MessageNotEncodableError (not sent), CoordinatorTimeoutError (unknown) */
  async call<T extends RequestType>(request: Request<T>, deadline: Deadline): Promise<ResponseTo<T>> {
    if (this.connection !== undefined) return this.connection.call(request, deadline);
    const problem = this.problem === undefined ? '' : ` (${this.problem})`;
    throw new CoordinatorUnavailableError(
      request.type,
      `the ${this.role}'s connection to ${this.place} is not there${problem}`,
    );
  }

  /** Tells the coordinator what `registration` says now; connects when that was not needed before. */
  registerAgain(): void {
    const { connection } = this;
    if (connection === undefined) {
      this.loop.wake();
      return;
    }
    this.register(connection).catch((error: unknown) => {
      connection.end(error as Error);
    });
  }

  /** Ends the connection, and makes no other. Calls that wait for their answer end as unknown. */
  async stop(timeoutMs: number): Promise<void> {
    this.loop.requestStop();
    this.connection?.end(new Error('this process closed the connection'));
    await this.loop.stop(timeoutMs);
  }

  /** From connecting to the end of that connection. @returns the pause before the next one, in ms */
  private async round(): Promise<number> {
    if (this.registration() === undefined) return NOT_NEEDED_PAUSE_MS;
    const problem = await this.connectUntilEnd().catch((error: unknown) => error as Error);
    if (!this.loop.signal.aborted) this.report(problem);
    return this.backOff.next();
  }

  private async connectUntilEnd(): Promise<Error> {
    const { server, callTimeoutMs, callsMax } = this.settings;
    const socket = await openSocket(server, callTimeoutMs, this.loop.signal);
    const connection = new CoordinatorConnection(socket, this.onRequest, callsMax, this.place, this.liveness);
    const endIt = (): void => {
      connection.end(new Error('this process is stopping'));
    };
    this.loop.signal.addEventListener('abort', endIt, { once: true });
    try {
      await this.register(connection);
      this.opened(connection);
      return await connection.ended;
    } catch (error) {
      connection.end(error as Error);
      throw error;
    } finally {
      this.connection = undefined;
      this.loop.signal.removeEventListener('abort', endIt);
    }
  }

  /** Once more when the registration has changed meanwhile. */
  private async register(connection: CoordinatorConnection): Promise<void> {
    let told: string | undefined;
    for (
      let registration = this.registration();
      registration !== undefined && JSON.stringify(registration) !== told;
      registration = this.registration()
    ) {
      told = JSON.stringify(registration);
      const { ok, version } = await connection.call(registration, Deadline.in(this.settings.callTimeoutMs));
      if (ok !== 1) {
        throw new Error(
          `the coordinator (version "${version}") refused to register "${registration.applicationId}"`,
        );
      }
      this.version = version;
    }
  }

  private opened(connection: CoordinatorConnection): void {
    this.connection = connection;
    this.problem = undefined;
    this.backOff.reset();
    this.logger.log({
      message: 'connected to the Seata coordinator',
      server: this.place,
      role: this.role,
    });
    for (const tell of this.waiting.splice(0)) tell();
  }

  /** Once for each problem, however often connecting fails with it. */
  private report({ message }: Error): void {
    if (message === this.problem) return;
    this.problem = message;
    this.logger.warn({
      message: 'not connected to the Seata coordinator; retried',
      server: this.place,
      role: this.role,
      cause: message,
    });
  }
}
