import type { ServerOptions } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { shutdownPhases } from '../configuration/shutdown-phases.js';
import { signAnswers } from './answer-signature.js';
import { isHealthCheck, isScrape } from './health-path.js';
import { acceptOnlyJson } from './json-body.js';
import { replyProblem } from './problem.filter.js';
import { ProblemException } from './problem.exception.js';
import { limitRequests } from './rate-limit.js';
import { guardDoor } from './request-door.js';
import { addSecurityHeaders } from './security-headers.js';
import { traceRequests } from '../telemetry/request-spans.js';
import { refuseUnreadable } from './unreadable-request.js';

/** A txNo has at most 64 characters, each of which may come percent-encoded. */
const PATH_PARAMETER_LENGTH_MAX = 256;
const CONNECTIONS_CHECK_MAX_MS = 1000;

/**
 * Fastify as the services use it: JSON only, bounded requests, security
 * headers, nothing for pages of others, and no new work once the shutdown has begun.
 */
export class ServiceHttpAdapter extends FastifyAdapter {
  private isDraining = false;
  private drainingSinceMs: number | undefined;
  private readonly requestsEndMs: number;

  constructor(settings: ServiceSettings) {
    super({
      bodyLimit: settings.httpBodyLimitBytes,
      requestTimeout: settings.httpRequestTimeoutMs,
      http: timeLimits(settings.httpRequestTimeoutMs),
      clientErrorHandler: refuseUnreadable,
      routerOptions: { maxParamLength: PATH_PARAMETER_LENGTH_MAX },
      // What the router itself cannot read reaches no filter.
      frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
        addSecurityHeaders(request, reply);
        replyProblem(reply, unreadableUrl(error.statusCode ?? 400));
      },
      // The hook below answers with a problem document instead.
      return503OnClosing: false,
    });
    this.requestsEndMs = shutdownPhases(settings).requestsEndMs;
    acceptOnlyJson(this.instance);
    // Before all other hooks, so that what they log carries the trace.
    traceRequests(
      this.instance,
      (request) => isHealthCheck(request, settings) || isScrape(request, settings),
    );
    this.instance.addHook('onRequest', (request, reply, done) => {
      addSecurityHeaders(request, reply);
      done();
    });
    this.instance.addHook('onRequest', (request, reply, done) => {
      done(this.isDraining && !isHealthCheck(request, settings) ? this.refusal(request, reply) : undefined);
    });
    limitRequests(this.instance, settings);
    guardDoor(this.instance, settings);
    signAnswers(this.instance, settings);
  }

  /** Nest calls it first of all when the application closes. */
  override beforeClose(): void {
    this.isDraining = true;
    this.drainingSinceMs ??= performance.now();
    super.beforeClose();
  }

  /**
   * Requests that are worked on are answered if it does not take too long. Without the cut a client that has sent half
   * a request would be waited for: a closing server no longer looks for those that take too long.
   */
  override async close(): Promise<void> {
    const drainedMs = performance.now() - (this.drainingSinceMs ?? performance.now());
    const cut = setTimeout(
      () => {
        this.instance.server.closeAllConnections();
      },
      Math.max(0, this.requestsEndMs - drainedMs),
    );
    try {
      await super.close();
    } finally {
      clearTimeout(cut);
    }
  }

  private refusal(_request: FastifyRequest, reply: FastifyReply): ProblemException {
    void reply.header('connection', 'close');
    return new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, 'This instance is shutting down.', {
      headers: { 'retry-after': '1' },
    });
  }
}

/** Node looks only now and then for requests that take too long (every 30 s unless told otherwise), and asks for headers within 60 s. */
function timeLimits(requestTimeout: number): ServerOptions {
  const connectionsCheckingInterval = Math.min(Math.ceil(requestTimeout / 4), CONNECTIONS_CHECK_MAX_MS);
  return { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval };
}

function unreadableUrl(status: number): ProblemException {
  return new ProblemException(ProblemCode.MALFORMED_REQUEST, 'The URL cannot be read or is too long.', {
    status,
  });
}
