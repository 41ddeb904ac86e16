import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const TEXT_LENGTH_MAX = 256;

/**
 * A span for each request, by OpenTelemetry's conventions for HTTP servers; it continues the caller's trace. Ours
 * because `@fastify/otel` (0.21.2) calls each of them `request`, and continues the caller's trace only together with
 * `@opentelemetry/instrumentation-http`, which hooks into the loading of modules. Without an SDK it does nothing.
 */
export function traceRequests(
  fastify: FastifyInstance,
  isUntraced: (request: FastifyRequest) => boolean,
): void {
  const tracer = trace.getTracer('http.server');
  const contexts = new WeakMap<FastifyRequest, Context>();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isUntraced(request)) {
      done();
      return;
    }
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const options = { kind: SpanKind.SERVER, attributes: attributesOf(request) };
    const span = tracer.startSpan(nameOf(request), options, parent);
    const active = trace.setSpan(parent, span);
    contexts.set(request, active);
    // Also for a caller that goes away before it is answered.
    reply.raw.once('close', () => {
      endSpan(span, reply);
    });
    context.with(active, done);
  });
  // The body arrives on the socket, where nobody knows the request: what follows it has lost the context.
  fastify.addHook('preValidation', (request, _reply, done) => {
    context.with(contexts.get(request) ?? context.active(), done);
  });
}

/** The route and not the path, of which there are as many as txNos. */
function nameOf({ method, routeOptions: { url } }: FastifyRequest): string {
  return url === undefined ? method : `${method} ${url}`;
}

/** Without the query, which may have anything; the path of one thing has its number. */
function attributesOf(request: FastifyRequest): Attributes {
  const { method, url, protocol, hostname, port, routeOptions, headers } = request;
  return {
    'http.request.method': method,
    'url.path': shortened(url.split('?', 1)[0] ?? ''),
    'url.scheme': protocol,
    'server.address': shortened(hostname),
    ...(Number.isNaN(port) || port === null ? {} : { 'server.port': port }),
    ...(routeOptions.url === undefined ? {} : { 'http.route': routeOptions.url }),
    ...(headers['user-agent'] === undefined
      ? {}
      : { 'user_agent.original': shortened(headers['user-agent']) }),
  };
}

/** Callers choose these, and spans wait in memory until they are sent. */
function shortened(text: string): string {
  return text.slice(0, TEXT_LENGTH_MAX);
}

function endSpan(span: Span, { raw }: FastifyReply): void {
  const { statusCode, writableFinished } = raw;
  if (writableFinished) span.setAttribute('http.response.status_code', statusCode);
  const error = writableFinished ? (statusCode >= 500 ? String(statusCode) : undefined) : 'aborted';
  if (error !== undefined) {
    span.setAttribute('error.type', error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
