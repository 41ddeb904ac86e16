import 'reflect-metadata';
import { runBank } from '@txmsg/bank';
import { AppModule } from './app.module.js';
import { Bank1Settings } from './bank1-settings.js';

await runBank({
  settings: Bank1Settings,
  module: (settings) => AppModule.forRoot(settings),
  description: 'The paying bank: debits an account and sends the transfer to bank2.',
});
