import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Payment } from './payments.js';

/** What the HTTP server of the smallest services asks. */
export interface PaymentWork {
  /** Resolves when the payment is committed: whether it is. */
  readonly pay: (payment: Payment) => Promise<boolean>;
  readonly isReady: () => boolean;
}

/** Serves HTTP with nothing around it: every POST is a payment, every GET asks whether the service is ready. */
export function servePayments(port: number, { pay, isReady }: PaymentWork): void {
  const answer = async (request: IncomingMessage): Promise<number> => {
    if (request.method === 'GET') return isReady() ? 200 : 503;
    const { accountNo, amount } = (await json(request)) as Payment;
    return (await pay({ txNo: randomUUID(), accountNo, amount })) ? 201 : 503;
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (status) => response.writeHead(status).end(),
      (error: unknown) => {
        console.error(error);
        response.writeHead(503).end();
      },
    );
  });
  server.listen(port, '127.0.0.1');
}
