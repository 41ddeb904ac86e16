import 'reflect-metadata';
import { runBank } from '@txmsg/bank';
import { AppModule } from './app.module.js';
import { Bank2Settings } from './bank2-settings.js';

await runBank({
  settings: Bank2Settings,
  module: (settings) => AppModule.forRoot(settings),
  description:
    'The receiving bank: credits each transfer once, or refuses it for good. Dismissing the dead letter of a transfer ' +
    'refuses it, and its payer is refunded.',
});
