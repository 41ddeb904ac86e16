import type { Terminal } from './terminal.js';

/** Something that the demo shows, with all that it starts for it. */
export interface Scene {
  /** Starts what is needed and plays. @returns whether everything came out as promised */
  play(): Promise<boolean>;
  /** Tells what there is to try while everything keeps running; returns only by an error. */
  keep(): Promise<never>;
  /** Ends all that was started; what was there before stays. May be called at any moment. */
  stop(): Promise<void>;
}

/** Makes a scene that plays on this terminal; nothing is started yet. */
export type OpenScene = (terminal: Terminal) => Scene;
