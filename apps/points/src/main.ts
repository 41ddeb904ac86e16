import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { PointsSettings } from './points-settings.js';

await runService({
  settings: PointsSettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'points_account',
  description:
    'Keeps the points of users: each registration that a message tells of adds points once. Dismissing its dead letter ' +
    'means that this user gets none.',
});
