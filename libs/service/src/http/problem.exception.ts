import { HttpException } from '@nestjs/common';
import { PROBLEM_KINDS, type ProblemCode } from '@txmsg/contracts';
import type { FieldProblem, ProblemDocument } from './problem.document.js';

interface ProblemExtras {
  /** Every field that breaks a rule. */
  readonly errors?: readonly FieldProblem[];
  /** What the request was about. */
  readonly txNo?: string;
  /** Response headers, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the status of the code; only `REQUEST_FAILED` has more than one. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** Thrown anywhere below a controller, it is answered as a problem document. `detail` is read by the caller. */
export class ProblemException extends HttpException {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(detail, extras.status ?? PROBLEM_KINDS[code].status, { cause: extras.cause });
    this.name = 'ProblemException';
  }

  toDocument(): ProblemDocument {
    const { errors, txNo } = this.extras;
    return {
      type: `urn:txmsg:problem:${this.code.toLowerCase().replaceAll('_', '-')}`,
      title: PROBLEM_KINDS[this.code].title,
      status: this.getStatus(),
      code: this.code,
      detail: this.detail,
      ...(txNo === undefined ? {} : { txNo }),
      ...(errors === undefined ? {} : { errors: [...errors] }),
    };
  }
}
