/** What can be lost once each; several of one kind are counted. */
export type InMemoryLoss =
  /** The half message is stored, but the sender's call fails. */
  | 'HALF_MESSAGE_RECEIPT'
  /** The message is stored, but the sender's call fails. */
  | 'RECEIPT'
  /** COMMIT or ROLLBACK is answered with success and forgotten, as the proxy's one-way call may. */
  | 'END'
  /** COMMIT or ROLLBACK is obeyed, but the sender's call fails. */
  | 'END_ANSWER'
  /** The broker has forgotten the transaction: COMMIT or ROLLBACK is refused, check-back decides. */
  | 'TRANSACTION'
  /** An answered check-back does not arrive. */
  | 'CHECK_BACK_ANSWER'
  /** The acknowledgement is answered with success and forgotten: the message comes again. */
  | 'ACKNOWLEDGEMENT';

/** The switches by which a test takes the broker away or makes it lose things. */
export class InMemoryFaults {
  private readonly losses = new Map<InMemoryLoss, number>();
  private readonly watchers = new Set<() => void>();
  private duplicates = 0;
  private up = true;
  /** Every call takes so many ms; one with a shorter deadline is obeyed, but its caller does not learn it. */
  delayMs = 0;

  /** False between `goDown` and `comeUp`. */
  get isUp(): boolean {
    return this.up;
  }

  /** Calls fail as with a broker that is away: BrokerNotReadyError, nothing is sent. */
  goDown(): void {
    this.up = false;
    this.notify();
  }

  /** Calls succeed again. */
  comeUp(): void {
    this.up = true;
    this.notify();
  }

  /** The next `times` things of this kind are lost, beside those that are still to be. */
  loseNext(loss: InMemoryLoss, times = 1): void {
    this.losses.set(loss, (this.losses.get(loss) ?? 0) + times);
  }

  /** The next `times` messages are delivered twice to every group. */
  deliverTwice(times = 1): void {
    this.duplicates += times;
  }

  /** Whether this is to be lost now; counts it. */
  strikes(loss: InMemoryLoss): boolean {
    const left = this.losses.get(loss) ?? 0;
    if (left > 0) this.losses.set(loss, left - 1);
    return left > 0;
  }

  /** Whether this message is to be delivered twice; counts it. */
  takeDuplicate(): boolean {
    if (this.duplicates === 0) return false;
    this.duplicates -= 1;
    return true;
  }

  /** Calls `watcher` whenever the broker goes or comes; returns what ends that. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private notify(): void {
    for (const watcher of this.watchers) watcher();
  }
}
