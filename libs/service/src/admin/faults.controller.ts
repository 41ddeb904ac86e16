import { Body, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ConfiguredFaults, FaultInjector } from 'txmsg/faults';
import { ServiceSettings } from '../configuration/service-settings.js';
import { ApiProblem } from '../http/problem.document.js';
import { ProblemException } from '../http/problem.exception.js';
import { fieldProblem, invalidInput } from '../http/validation-pipe.js';
import { logAdminAction } from './admin-action.js';
import { AdminController } from './admin-controller.decorator.js';
import { FaultsDocument, FaultsRequest } from './faults.document.js';

/** Fault injection at run time, for tests; only in a service that was started with the setting FAULTS. */
@AdminController('faults')
export class FaultsController {
  constructor(
    private readonly faults: FaultInjector,
    private readonly settings: ServiceSettings,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The faults that this instance will still meet.' })
  @ApiOkResponse({ type: FaultsDocument })
  show(): FaultsDocument {
    if (!(this.faults instanceof ConfiguredFaults)) return { enabled: false, rules: [] };
    return { enabled: true, rules: this.faults.current };
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Replaces the fault rules of this instance.' })
  @ApiOkResponse({ type: FaultsDocument })
  @ApiProblem(ProblemCode.FAULT_INJECTION_OFF)
  replace(@Body() { rules, by, note }: FaultsRequest): FaultsDocument {
    if (!(this.faults instanceof ConfiguredFaults)) {
      const detail = `Start the ${this.settings.kind} with FAULTS=[] to put faults in at run time. It refuses that when NODE_ENV is "production".`;
      throw new ProblemException(ProblemCode.FAULT_INJECTION_OFF, detail);
    }
    const { points } = this.faults;
    const unknown = rules.flatMap(({ point }, index) =>
      points.includes(point)
        ? []
        : [fieldProblem(`rules.${index}.point`, point, `must be one of ${points.join(', ')}`)],
    );
    if (unknown.length > 0) throw invalidInput(unknown);
    logAdminAction('fault rules replaced', { by, note }, { rules });
    this.faults.replace(rules);
    return this.show();
  }
}
