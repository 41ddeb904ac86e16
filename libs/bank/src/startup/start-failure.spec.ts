import { describe, expect, it } from '@jest/globals';
import { TxMsgConfigurationError } from 'txmsg';
import { SettingsError } from '../configuration/settings.error.js';
import { listenFailure, startFailureLines } from './start-failure.js';
import { StartupError } from './startup.error.js';

describe('startFailureLines', () => {
  it('gives each wrong setting a line', () => {
    expect(startFailureLines('bank1', new SettingsError(['A is wrong.', 'B is wrong.']))).toEqual([
      'bank1 cannot start: A is wrong.',
      'bank1 cannot start: B is wrong.',
    ]);
  });

  it('gives each finding of the library a line', () => {
    expect(startFailureLines('bank1', new TxMsgConfigurationError(['Topic x has two listeners.']))).toEqual([
      'bank1 cannot start: Topic x has two listeners.',
    ]);
  });

  it('tells a foreseen failure in one sentence', () => {
    expect(startFailureLines('bank2', new StartupError('The port is taken.'))).toEqual([
      'bank2 cannot start: The port is taken.',
    ]);
  });

  it('names the taken port', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' });
    expect(startFailureLines('bank1', listenFailure(error, '127.0.0.1', 56081))).toEqual([
      'bank1 cannot start: Port 56081 on 127.0.0.1 is taken by another program; set PORT to a free one.',
    ]);
  });
});
