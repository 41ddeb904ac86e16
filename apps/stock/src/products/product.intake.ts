import { Injectable } from '@nestjs/common';
import { asDatabaseProblem } from '@txmsg/service';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { productDocument, type ProductDocument } from './product.document.js';
import { ProductEntity } from './product.entity.js';

const TIMEOUT_MS = 5000;

/** Pieces that are brought in. */
export interface Intake {
  /** Repeating an intake with its number adds nothing. */
  readonly intakeNo: string;
  readonly productId: string;
  readonly count: number;
}

/** OTHER_CONTENTS: the number belongs to another intake; nothing was done. */
export type IntakeOutcome =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly product: ProductDocument }
  | { readonly kind: 'OTHER_CONTENTS' };

/** Brings pieces in: a new product, or more of one. */
@Injectable()
export class ProductIntake {
  constructor(private readonly transactions: DatabaseTransactions) {}

  /** @throws ProblemException when the database is away: nothing was done, or that is not known (OUTCOME_UNKNOWN) */
  async take(intake: Intake): Promise<IntakeOutcome> {
    const deadline = Deadline.in(TIMEOUT_MS);
    try {
      return await this.transactions.run<IntakeOutcome>(
        async ({ entityManager }) => {
          const kind = await this.record(intake, entityManager);
          if (kind === 'OTHER_CONTENTS') return { decision: 'ROLLBACK', value: { kind } };
          // Read here: a read after the COMMIT that fails would be answered as if nothing had been done.
          const product = await entityManager.findOneByOrFail(ProductEntity, { productId: intake.productId });
          return {
            decision: kind === 'FIRST' ? 'COMMIT' : 'ROLLBACK',
            value: { kind, product: productDocument(product) },
          };
        },
        { deadline },
      );
    } catch (error) {
      throw asDatabaseProblem(error);
    }
  }

  private async record(
    { intakeNo, productId, count }: Intake,
    manager: EntityManager,
  ): Promise<IntakeOutcome['kind']> {
    try {
      await manager.query('INSERT INTO stock_intake (intake_no, product_id, piece_count) VALUES (?, ?, ?)', [
        intakeNo,
        productId,
        count,
      ]);
    } catch (error) {
      if (!isDuplicateEntry(error)) throw error;
      const [first] = await manager.query<{ product_id: string; piece_count: number | string }[]>(
        'SELECT product_id, piece_count FROM stock_intake WHERE intake_no = ?',
        [intakeNo],
      );
      const isSame = first?.product_id === productId && Number(first.piece_count) === count;
      return isSame ? 'REPEATED' : 'OTHER_CONTENTS';
    }
    await manager.query(
      `INSERT INTO stock (product_id, total_count, opening_count) VALUES (?, ?, ?) AS brought
       ON DUPLICATE KEY UPDATE total_count = stock.total_count + brought.total_count,
         opening_count = stock.opening_count + brought.opening_count`,
      [productId, count, count],
    );
    return 'FIRST';
  }
}
