import 'reflect-metadata';
import { runBank } from '@txmsg/bank';
import { AppModule } from './app.module.js';
import { Bank1Settings } from './bank1-settings.js';

await runBank({
  settings: Bank1Settings,
  module: (settings) => AppModule.forRoot(settings),
  description:
    'The paying bank: debits an account and sends the transfer to bank2. Dismissing the dead letter of a result ends ' +
    'nothing: the transfer ends as bank2 says when reconciliation asks, or by the same result when it comes again. Receives ' +
    'top-ups from pay, and asks pay about those whose end it does not know.',
});
