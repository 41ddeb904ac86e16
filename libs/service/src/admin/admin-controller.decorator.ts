import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem } from '../http/problem.document.js';
import { ADMIN_SECURITY } from '../http/open-api.js';
import { AdminGuard } from './admin.guard.js';

/** A controller below `/<service>/admin/<path>`, which only the holder of the admin token may call; never cached. */
export function AdminController(path: string): ClassDecorator {
  return applyDecorators(
    Controller(`admin/${path}`),
    UseGuards(AdminGuard),
    ApiTags('admin'),
    ApiBearerAuth(ADMIN_SECURITY),
    ApiProblem(
      ProblemCode.INVALID_INPUT,
      ProblemCode.UNAUTHORIZED,
      ProblemCode.ROUTE_NOT_FOUND,
      ProblemCode.SERVICE_UNAVAILABLE,
    ),
  );
}
