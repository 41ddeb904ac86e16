import type { ComposeSystem } from './compose-system.js';

/** One thing that must hold in the running system. */
export interface ComposeCase {
  readonly title: string;
  /** @returns what was measured, in a few words. @throws Error when it does not hold */
  readonly play: (system: ComposeSystem) => Promise<string | undefined>;
}
