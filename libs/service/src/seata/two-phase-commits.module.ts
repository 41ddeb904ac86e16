import { Module, type DynamicModule } from '@nestjs/common';
import { SeataHealthIndicator, SeataModule } from '@txmsg/seata';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { shutdownPhases } from '../configuration/shutdown-phases.js';
import { Readiness } from '../health/readiness.js';
import { OpenBranchesGauge } from './open-branches.gauge.js';
import type { SeataSettings } from './seata-settings.js';

/** seata with the service's settings. */
@Module({ providers: [OpenBranchesGauge] })
export class TwoPhaseCommitsModule {
  constructor(readiness: Readiness, seata: SeataHealthIndicator) {
    readiness.require(() => Promise.resolve(seata.isHealthy('seata')));
  }

  static forRoot(settings: ServiceSettings & SeataSettings): DynamicModule {
    const { seataServer, seataApplicationId, seataServiceGroup, globalTimeoutMs, acceptXidFrom } = settings;
    const seata = SeataModule.forRoot({
      server: seataServer,
      serverSetting: 'SEATA_SERVER',
      applicationId: seataApplicationId,
      txServiceGroup: seataServiceGroup,
      globalTimeoutMs,
      acceptXidFrom,
      at: {},
      acceptUnsafeFlush: settings.acceptUnsafeFlush,
      shutdownTimeoutMs: shutdownPhases(settings).workEndsMs,
    });
    return { module: TwoPhaseCommitsModule, imports: [seata] };
  }
}
