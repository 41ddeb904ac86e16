import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseMysqlUrl } from 'txmsg/mysql';
import { javaPeerCommand, type CoordinatorVersion } from './coordinator.js';

/** A statement for the database of the service in Java. */
export interface PeerStatement {
  readonly sql: string;
  readonly parameters?: readonly (string | number | null)[];
}

export interface JavaPeerOptions {
  readonly version: CoordinatorVersion;
  /** Where the coordinator is: `host:port`. */
  readonly server: string;
  /** Processes of one application serve each other's branches. */
  readonly applicationId: string;
  /** Its database, with the tables of libs/seata/sql/seata.sql. */
  readonly mysqlUrl: string;
}

/** Rows, or how many rows were changed. */
export type PeerResult = number | readonly Readonly<Record<string, string | null>>[];

interface Answer {
  readonly id: number;
  readonly error?: string;
  readonly xid?: string;
  readonly status?: string;
  readonly results?: readonly PeerResult[];
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** The resourceId of an AT branch of the service in Java: its JDBC URL up to "?". */
export function jdbcResourceOf(mysqlUrl: string): string {
  const { host, port, database } = parseMysqlUrl(mysqlUrl);
  return `jdbc:mysql://${host}:${port}/${database}`;
}

/** A service in Java with Seata's own client, as a process: TM and RM, in AT and in TCC. */
export class JavaPeer {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private errors = '';

  private constructor(private readonly child: ChildProcess) {
    child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.errors = (this.errors + chunk.toString()).slice(-4000)),
    );
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.onAnswer(JSON.parse(line) as Answer);
      });
    child.on('exit', () => {
      const error = new Error(`The service in Java has ended. It said last:\n${this.errors}`);
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    });
  }

  /** Returns when it is known to the coordinator. */
  static async start({ version, server, applicationId, mysqlUrl }: JavaPeerOptions): Promise<JavaPeer> {
    const [program = '', ...parameters] = await javaPeerCommand(version);
    const { user, password } = parseMysqlUrl(mysqlUrl);
    const child = spawn(program, parameters, {
      env: {
        ...process.env,
        PEER_SERVER: server,
        PEER_APPLICATION_ID: applicationId,
        PEER_JDBC_URL: `${jdbcResourceOf(mysqlUrl)}?allowPublicKeyRetrieval=true&useSSL=false`,
        PEER_MYSQL_USER: user,
        PEER_MYSQL_PASSWORD: password,
      },
      stdio: 'pipe',
    });
    const peer = new JavaPeer(child);
    await peer.answerTo(0);
    return peer;
  }

  async begin(timeoutMs = 60_000): Promise<string> {
    const { xid } = await this.ask({ do: 'begin', timeoutMs });
    return xid ?? '';
  }

  /** @returns the status that the coordinator answers, as Java names it: `Committed` */
  async commit(xid: string): Promise<string> {
    return (await this.ask({ do: 'commit', xid })).status ?? '';
  }

  async rollback(xid: string): Promise<string> {
    return (await this.ask({ do: 'rollback', xid })).status ?? '';
  }

  async status(xid: string): Promise<string> {
    return (await this.ask({ do: 'status', xid })).status ?? '';
  }

  /** One AT branch: these statements in one transaction of its database. @returns a result for each of them */
  async at(xid: string, ...statements: readonly PeerStatement[]): Promise<readonly PeerResult[]> {
    return (await this.ask({ do: 'at', xid, statements })).results ?? [];
  }

  /** One TCC branch of its action `java-statements`, fenced. */
  async tcc(
    xid: string,
    phases: Readonly<Record<'try' | 'confirm' | 'cancel', readonly PeerStatement[]>>,
  ): Promise<void> {
    await this.ask({ do: 'tcc', xid, ...phases });
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  /** @throws Error with what Java says */
  private async ask(request: Readonly<Record<string, unknown>>): Promise<Answer> {
    const id = ++this.lastId;
    const answer = this.answerTo(id);
    this.child.stdin?.write(`${JSON.stringify({ ...request, id })}\n`);
    const { error, ...rest } = await answer;
    if (error !== undefined) throw new Error(`Java says: ${error}`);
    return rest;
  }

  private answerTo(id: number): Promise<Answer> {
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private onAnswer(answer: Answer): void {
    this.waiting.get(answer.id)?.resolve(answer);
    this.waiting.delete(answer.id);
  }
}
