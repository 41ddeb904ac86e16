import { describe, expect, it } from '@jest/globals';
import { TxMsgConfigurationError } from 'txmsg';
import { SettingsError } from '../configuration/settings.error.js';
import { listenFailure, startFailureLines } from './start-failure.js';
import { StartupError } from './startup.error.js';

describe('startFailureLines', () => {
  it('gives each wrong setting a line', () => {
    expect(startFailureLines('things', new SettingsError(['A is wrong.', 'B is wrong.']))).toEqual([
      'things cannot start: A is wrong.',
      'things cannot start: B is wrong.',
    ]);
  });

  it('gives each finding of the library a line', () => {
    expect(startFailureLines('things', new TxMsgConfigurationError(['Topic x has two listeners.']))).toEqual([
      'things cannot start: Topic x has two listeners.',
    ]);
  });

  it('tells a foreseen failure in one sentence', () => {
    expect(startFailureLines('things', new StartupError('The port is already in use.'))).toEqual([
      'things cannot start: The port is already in use.',
    ]);
  });

  it('names the port that is already in use', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' });
    expect(startFailureLines('things', listenFailure(error, '127.0.0.1', 56081))).toEqual([
      'things cannot start: Port 56081 on 127.0.0.1 is already in use by another program; set PORT to a free one.',
    ]);
  });
});
