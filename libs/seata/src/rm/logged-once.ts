const REMEMBERED_MAX = 1000;

/** Keeps what the coordinator asks for every second from filling the log with the same line. */
export class LoggedOnce {
  private readonly seen = new Set<string>();

  /** False when this was logged already, and not many others since. */
  isNew(line: string): boolean {
    if (this.seen.has(line)) return false;
    if (this.seen.size >= REMEMBERED_MAX) this.seen.clear();
    this.seen.add(line);
    return true;
  }
}
