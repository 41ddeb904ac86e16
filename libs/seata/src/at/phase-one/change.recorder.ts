import { AtImageChangedError } from '../../errors/at.errors.js';
import type { AtValue } from '../image/at-value.js';
import { ImageQuery } from '../image/image.query.js';
import { keyOf, rowsByKey, type Image, type UndoEntry } from '../image/image.js';
import { assertComesBack } from '../image/value.rules.js';
import type {
  ChangingStatement,
  DeleteStatement,
  InsertStatement,
  UpdateStatement,
} from '../sql/statement.js';
import { readFingerprint, type Query } from '../table/table-metadata.reader.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';
import { insertedKeysOf, keysAfterInsert } from './inserted-keys.js';
import { headerOf, matchedRows } from './result-header.js';

/** The steps around one changing statement. */
export interface ChangeSteps {
  /** On the transaction's connection, past AT. */
  readonly query: Query;
  /** Sends the statement itself. */
  readonly execute: () => Promise<unknown>;
  /** Called between the before image and the statement. */
  readonly beforeExecute: () => Promise<void>;
  /** Called when the statement has changed something: from then on an error must end the transaction. */
  readonly executed: () => Promise<void>;
  readonly rowsMax: number;
}

/** What a statement did, and its answer. */
export interface RecordedChange {
  readonly entry: UndoEntry;
  readonly answer: unknown;
}

/** Runs a changing statement between its images. */
export class ChangeRecorder {
  private readonly images: ImageQuery;

  constructor(
    private readonly table: TableMetadata,
    private readonly columns: readonly ColumnMetadata[],
    private readonly parameters: readonly unknown[],
    private readonly steps: ChangeSteps,
  ) {
    this.images = new ImageQuery(steps.query, steps.rowsMax);
  }

  /** @throws AtImageChangedError, AtValueRefusedError, AtTooLargeError, and what the statement throws */
  record(statement: ChangingStatement): Promise<RecordedChange> {
    return statement.kind === 'INSERT' ? this.insert(statement) : this.change(statement);
  }

  private async change(statement: UpdateStatement | DeleteStatement): Promise<RecordedChange> {
    const { table, columns } = this;
    const before = await this.images.chosenRows(
      table,
      columns,
      statement.table,
      statement.rows,
      this.parameters,
    );
    if (statement.kind === 'DELETE') assertComesBack(before);
    const answer = await this.execute();
    const matched = matchedRows(headerOf(answer), statement.kind);
    // A row may have come between the two; those of the image are locked and cannot have gone.
    if (matched !== before.rows.length) {
      throw new AtImageChangedError(
        table.name,
        `the statement met ${matched} rows, and its before image ${before.rows.length}`,
      );
    }
    const keys = before.rows.map((row) => keyOf(before, row));
    const after = statement.kind === 'DELETE' ? this.emptyImage() : await this.afterImage(keys);
    if (statement.kind === 'UPDATE') assertSameKeys(before, after);
    return { entry: { sqlType: statement.kind, before, after }, answer };
  }

  private async insert(statement: InsertStatement): Promise<RecordedChange> {
    const inserted = insertedKeysOf(statement, this.table, this.parameters);
    const answer = await this.execute();
    const increment = await this.autoIncrement(inserted.rows.length);
    const keys = keysAfterInsert(inserted, headerOf(answer).insertId, increment);
    const after = await this.afterImage(keys);
    return { entry: { sqlType: 'INSERT', before: this.emptyImage(), after }, answer };
  }

  private async execute(): Promise<unknown> {
    await this.steps.beforeExecute();
    const answer = await this.steps.execute();
    await this.steps.executed();
    // The statement holds the table's description now, so that it cannot change any more before the transaction ends.
    if ((await readFingerprint(this.steps.query, this.table.name)) !== this.table.fingerprint) {
      throw new AtImageChangedError(this.table.name, 'the table was altered since its description was read');
    }
    return answer;
  }

  private async afterImage(keys: readonly (readonly AtValue[])[]): Promise<Image> {
    const image = await this.images.rowsOfKeys(this.table, this.columns, keys, false);
    if (image.rows.length === keys.length) return image;
    throw new AtImageChangedError(
      this.table.name,
      `${image.rows.length} rows are found after the statement, where ${keys.length} should be`,
    );
  }

  private async autoIncrement(rows: number): Promise<bigint> {
    if (rows === 1) return 1n;
    const [found] = (await this.steps.query('SELECT @@auto_increment_increment AS step')) as {
      step: string;
    }[];
    return BigInt(found?.step ?? 1);
  }

  private emptyImage(): Image {
    return { table: this.table, columns: this.columns, rows: [] };
  }
}

function assertSameKeys(before: Image, after: Image): void {
  const known = rowsByKey(before);
  if ([...rowsByKey(after).keys()].every((key) => known.has(key))) return;
  throw new AtImageChangedError(before.table.name, 'other rows are found after the statement than before it');
}
