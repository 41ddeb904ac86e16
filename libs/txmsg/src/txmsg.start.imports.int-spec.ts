import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NOTES, problemsOf, StartingServices } from '../test/starting-service.js';
import { TxMsgModule } from './index.js';

describe('starting with the module imported twice', () => {
  const services = StartingServices.forEachTest();

  it('is refused: there would be two sets of clients', async () => {
    @Module({ imports: [TxMsgModule.forRoot({ ...NOTES, sendTimeoutMs: 1000 })] })
    class Feature {}
    @Module({
      imports: [services.typeOrmModule(), TxMsgModule.forRootAsync({ useFactory: () => NOTES }), Feature],
    })
    class Application {}
    expect(await problemsOf(services.startModule(Application))).toEqual([
      expect.stringContaining('TxMsgModule.forRoot or forRootAsync is imported 2 times'),
    ]);
  });

  it('is not refused for one import that several modules share', async () => {
    const shared = TxMsgModule.forRoot(NOTES);
    @Module({ imports: [shared] })
    class Feature {}
    @Module({ imports: [services.typeOrmModule(), shared, Feature] })
    class Application {}
    await services.startModule(Application);
  });
});
