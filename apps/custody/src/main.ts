import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { CustodySettings } from './custody-settings.js';

await runService({
  settings: CustodySettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'custody_request',
  description:
    'The custody bank: accepts requests for accounts at once and decides about them later, in a durable job. What it decided ' +
    'is told by a message, and to whoever asks.',
});
