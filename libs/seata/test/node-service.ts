import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DatabaseTransactions, Deadline, mysqlDataSourceOptions } from 'txmsg';
import { FaultInjector, NoFaults } from 'txmsg/faults';
import { DataSource } from 'typeorm';
import {
  AtTransactions,
  GlobalTransactions,
  SeataModule,
  TccActions,
  TwoPhaseBusinessAction,
  type GlobalTransactionResult,
  type TccCall,
} from '../src/index.js';
import { withinGlobalTransaction } from '../src/tm/global-transaction.context.js';
import { OpenGlobalTransaction } from '../src/tm/open-global-transaction.js';

const PARTICIPANT_TIMEOUT_MS = 30_000;

interface Reservation {
  readonly id: string;
  readonly amount: string;
}

/** Takes from a row of the table `account` into `reserved`, spends it or gives it back. */
@Injectable()
class Reserve {
  @TwoPhaseBusinessAction({ name: 'node-reserve', confirm: 'confirm', cancel: 'cancel' })
  async try({ entityManager, input: { id, amount } }: TccCall<Reservation>): Promise<void> {
    await entityManager.query(
      'UPDATE account SET balance = balance - ?, reserved = reserved + ? WHERE id = ?',
      [amount, amount, id],
    );
  }

  async confirm({ entityManager, input: { id, amount } }: TccCall<Reservation>): Promise<void> {
    await entityManager.query('UPDATE account SET reserved = reserved - ? WHERE id = ?', [amount, id]);
  }

  async cancel({ entityManager, input: { id, amount } }: TccCall<Reservation>): Promise<void> {
    await entityManager.query(
      'UPDATE account SET balance = balance + ?, reserved = reserved - ? WHERE id = ?',
      [amount, amount, id],
    );
  }
}

/** A service of this library: a whole application, on a database with the table `account`. */
export class NodeService {
  private constructor(
    private readonly app: TestingModule,
    private readonly dataSource: DataSource,
  ) {}

  static async start(server: string, applicationId: string, mysqlUrl: string): Promise<NodeService> {
    const dataSource = await new DataSource(
      mysqlDataSourceOptions(mysqlUrl, { connectionLimit: 10, connectTimeoutMs: 30_000 }),
    ).initialize();
    const app = await Test.createTestingModule({
      imports: [
        databaseModule(dataSource),
        SeataModule.forRoot({ server, applicationId, at: {}, startTimeoutMs: 30_000 }),
      ],
      providers: [Reserve],
    }).compile();
    await app.init();
    return new NodeService(app, dataSource);
  }

  /** Begins a global transaction, and ends it by what `work` does. */
  run<T>(work: (xid: string) => Promise<T>): Promise<GlobalTransactionResult<T>> {
    return this.app.get(GlobalTransactions).run(({ xid }) => work(xid), { name: 'node' });
  }

  /** Does this within a global transaction that somebody else has begun. */
  within<T>(xid: string, work: () => Promise<T>): Promise<T> {
    const open = new OpenGlobalTransaction(xid, 'PARTICIPANT', Deadline.in(PARTICIPANT_TIMEOUT_MS));
    return withinGlobalTransaction(open, work);
  }

  /** A branch of AT: these statements. */
  async at(
    ...statements: readonly (readonly [sql: string, parameters: readonly unknown[]])[]
  ): Promise<void> {
    await this.app.get(AtTransactions).run(async (manager) => {
      for (const [sql, parameters] of statements) await manager.query(sql, [...parameters]);
    });
  }

  /** A branch of TCC. */
  async reserve(id: string, amount: string): Promise<void> {
    await this.app.get(TccActions).try(this.app.get(Reserve), { id, amount });
  }

  async stop(): Promise<void> {
    await this.app.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

@Module({})
class NodeServiceDatabase {}

function databaseModule(dataSource: DataSource): DynamicModule {
  const providers = [
    { provide: FaultInjector, useClass: NoFaults },
    { provide: DatabaseTransactions, useValue: new DatabaseTransactions(dataSource) },
    { provide: DataSource, useValue: dataSource },
  ];
  return {
    module: NodeServiceDatabase,
    global: true,
    providers,
    exports: [FaultInjector, DatabaseTransactions, DataSource],
  };
}
