import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { StockSettings } from './stock-settings.js';

await runService({
  settings: StockSettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'stock',
  description:
    'Deducts the pieces of each order once, or refuses the order for good. Dismissing the dead letter of an order ' +
    'refuses it, and order cancels it; dismissing that of a cancellation decides nothing: order sends it again.',
});
