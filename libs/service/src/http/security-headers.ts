import type { FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';

/**
 * What browsers are told with every answer. JSON needs none of it, the OpenAPI page does: it may load its own
 * files and call its own service, and no other page may show or use it. `unsafe-inline` is for styles only, which
 * that page has inside.
 */
const addHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  // A service speaks plain HTTP. Whether its host is to be reached by TLS only is decided by the proxy that ends the TLS before it.
  strictTransportSecurity: false,
});

/** Also for answers that no route and no hook sees. */
export function addSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  addHeaders(request.raw, reply.raw, () => undefined);
}
