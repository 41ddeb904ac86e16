import type { DemoServers } from './demo-servers.js';
import type { OpenScene, Scene } from './scene.js';
import type { Terminal } from './terminal.js';

/**
 * Scenes one after another on one set of servers: those are started first, so that each scene finds them running and leaves
 * them. The services of each are stopped before the next one begins; `keep` is about the last one's.
 */
export class AllScene implements Scene {
  private current: Scene | undefined;
  private isStopping = false;

  constructor(
    private readonly scenes: Readonly<Record<string, OpenScene>>,
    private readonly terminal: Terminal,
    private readonly servers: Pick<DemoServers, 'start' | 'stop'>,
  ) {}

  /** Plays every scene, also after one has failed. */
  async play(): Promise<boolean> {
    const { scenes, terminal } = this;
    terminal.progress('Starting the servers …');
    await this.servers.start();
    const failed: string[] = [];
    for (const [name, open] of Object.entries(scenes)) {
      await this.current?.stop();
      terminal.idle();
      // A stop that was asked for meanwhile must leave nothing new running.
      if (this.isStopping) return false;
      if (this.current !== undefined) terminal.line();
      this.current = open(terminal);
      if (!(await this.current.play())) failed.push(name);
    }
    terminal.line();
    terminal.line(this.endOf(failed));
    return failed.length === 0;
  }

  keep(): Promise<never> {
    return this.current?.keep() ?? Promise.reject(new Error('no scene has been played'));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.current?.stop();
    await this.servers.stop();
  }

  private endOf(failed: readonly string[]): string {
    const names = Object.keys(this.scenes).join(', ');
    return failed.length === 0
      ? this.terminal.paint('green', `All scenes hold: ${names}.`)
      : this.terminal.paint('red', `Scenes that do not hold: ${failed.join(', ')} (of ${names}).`);
  }
}
