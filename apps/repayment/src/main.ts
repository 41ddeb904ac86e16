import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { RepaymentSettings } from './repayment-settings.js';

await runService({
  settings: RepaymentSettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'repayment_plan',
  description:
    'Makes the repayment plan of an approved project, in short steps of a durable job. Dismissing a dead letter makes no ' +
    'plan; trading sends the event again as long as there is none.',
});
