/** Pauses that double from `minMs` up to `maxMs`, each shortened at random by up to a half, so that processes spread out. */
export class BackOff {
  private failures = 0;

  constructor(
    private readonly minMs: number,
    private readonly maxMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The pause after one more failure, in ms. */
  next(): number {
    const fullMs = Math.min(this.maxMs, this.minMs * 2 ** Math.min(this.failures, 30));
    this.failures += 1;
    return Math.ceil(fullMs * (1 - this.random() / 2));
  }

  /** After a success. */
  reset(): void {
    this.failures = 0;
  }
}
