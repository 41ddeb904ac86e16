import type { FastifyReply } from 'fastify';
import type { TransferReceipt, UnknownTransfer } from './transfer.document.js';
import type { TransferAnswer } from './transfer.service.js';

const RETRY_AFTER_S = '2';

/** Sets the status and headers of a transfer call, and returns its body. */
export function replyTo(
  reply: FastifyReply,
  answer: TransferAnswer,
  firstStatus: 200 | 201,
): TransferReceipt | UnknownTransfer {
  void reply.header('location', `/bank1/transfers/${answer.body.txNo}`);
  switch (answer.kind) {
    case 'FIRST':
      void reply.code(firstStatus);
      break;
    case 'REPEATED':
      void reply.code(200);
      break;
    case 'UNKNOWN':
      void reply.code(202).header('retry-after', RETRY_AFTER_S);
      break;
  }
  return answer.body;
}
