import { Injectable } from '@nestjs/common';
import { BoundedRead, ProblemException } from '@txmsg/service';
import { ProblemCode } from '@txmsg/contracts';
import { MoreThan } from 'typeorm';
import { OutgoingTransferEntity, type OutgoingTransferState } from './outgoing-transfer.entity.js';
import type { TransferDocument, TransferPage } from './transfer.document.js';

export interface PageRequest {
  readonly state: OutgoingTransferState | undefined;
  /** The last txNo of the page before. */
  readonly after: string | undefined;
  readonly size: number;
}

/** Shows where transfers stand. */
@Injectable()
export class OutgoingTransferReader {
  constructor(private readonly read: BoundedRead) {}

  /** @throws ProblemException TRANSFER_NOT_FOUND */
  async find(txNo: string): Promise<TransferDocument> {
    const transfer = await this.read.run((manager) => manager.findOneBy(OutgoingTransferEntity, { txNo }));
    if (transfer) return toDocument(transfer);
    throw new ProblemException(ProblemCode.TRANSFER_NOT_FOUND, `This bank knows no transfer "${txNo}".`, {
      txNo,
    });
  }

  /** Continues after a key instead of counting rows: new transfers do not shift the pages. */
  async page({ state, after, size }: PageRequest): Promise<TransferPage> {
    const rows = await this.read.run((manager) =>
      manager.find(OutgoingTransferEntity, {
        where: { ...(state && { state }), ...(after && { txNo: MoreThan(after) }) },
        order: { txNo: 'ASC' },
        take: size + 1,
      }),
    );
    const items = rows.slice(0, size).map(toDocument);
    return { items, next: rows.length > size ? (items.at(-1)?.txNo ?? null) : null };
  }
}

function toDocument(transfer: OutgoingTransferEntity): TransferDocument {
  const { txNo, state, accountNo, toAccountNo, amount, reason, createTime, updateTime } = transfer;
  return { txNo, state, accountNo, toAccountNo, amount, reason, createTime, updateTime };
}
