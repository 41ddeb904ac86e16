import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyRequest } from 'fastify';
import { onOrOff } from '../configuration/setting-rules.js';
import { ServiceSettings } from '../configuration/service-settings.js';
import { Setting } from '../configuration/setting.decorator.js';
import { foreignPageProblem } from './foreign-page.rule.js';
import { ProblemException } from './problem.exception.js';
import { isCalledByLoopbackName } from './request-door.js';

/** A GET that changes something, for the words in which it is refused. */
export interface ClassicCall {
  /** A verb: "This service does not … by GET". */
  readonly does: string;
  /** The call that does the same, and is never refused for being a GET. */
  readonly instead: string;
}

const CALL = 'txmsg:classic-call';

/** Marks a route, or all routes of a controller, as GETs that change something: only who means it is served. */
export function ClassicGet(call: ClassicCall): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(CALL, call), UseGuards(ClassicCallGuard));
}

/** The setting that switches such calls off. @param calls - what it names, in words */
export function ClassicGetEnabled(calls: string): PropertyDecorator {
  return Setting({
    name: 'CLASSIC_GET_ENABLED',
    rule: onOrOff,
    default: 'true',
    meaning: `Whether ${calls} may move money.`,
  });
}

/** The setting that serves them by other names than those of loopback. */
export function ClassicGetAnyHost(): PropertyDecorator {
  return Setting({
    name: 'CLASSIC_GET_ANY_HOST',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Whether that is served also by the names of `HTTP_ALLOWED_HOSTS` and `HOST`, where, without TLS, any web page that a caller looks at could make the call.',
  });
}

/**
 * A GET that changes something must come from a person who wants it, so requests that a browser or a proxy makes by itself
 * are refused. A browser says which page a GET belongs to (Sec-Fetch-Site) only over TLS or to loopback: under any other
 * name, an image in any web page could make the call. Therefore only loopback's names are served, unless a setting allows
 * more. Fastify answers HEAD with the handler of GET, so HEAD is refused here as well.
 */
@Injectable()
export class ClassicCallGuard implements CanActivate {
  constructor(
    private readonly settings: ServiceSettings,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const { does, instead } = this.reflector.getAllAndOverride<ClassicCall>(CALL, [
      context.getHandler(),
      context.getClass(),
    ]);
    const { kind, classicGet } = this.settings;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { method } = request;
    if (method !== 'GET') {
      const detail = `${method} does not ${does}; use GET, or ${instead}.`;
      throw new ProblemException(ProblemCode.METHOD_NOT_ALLOWED, detail, { headers: { allow: 'GET' } });
    }
    if (!classicGet.isEnabled) {
      const detail = `This ${kind} does not ${does} by GET; use ${instead}.`;
      throw new ProblemException(ProblemCode.CLASSIC_CALL_DISABLED, detail);
    }
    const problem = foreignPageProblem(request);
    if (problem !== undefined) throw problem;
    if (!classicGet.byAnyHost && !isCalledByLoopbackName(request)) {
      const detail = `This ${kind} does not ${does} by GET unless it is called by a name of loopback, such as 127.0.0.1; use ${instead}.`;
      throw new ProblemException(ProblemCode.HOST_NOT_ALLOWED, detail);
    }
    return true;
  }
}
