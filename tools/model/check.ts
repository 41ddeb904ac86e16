/** The claim of every search with `REACH=…`: finding it false is finding the way there. */
export const UNREACHABLE = 'thisEndCannotBeReached';

/** One search of docs/model/transfer.pml. */
export interface Check {
  /** As people type it. */
  readonly name: string;
  /** The model's compile-time switches: `CHALLENGER`, `REACH=nothingDone`. */
  readonly switches: readonly string[];
  /** The promise that must be found broken; without one, every state must be explored and nothing found. */
  readonly breaks?: string;
}

export interface CheckGroup {
  readonly title: string;
  readonly checks: readonly Check[];
}
