/** What a coordinator of the tests is: 1.8.0 keeps its transactions in files, 2.0.0 in MySQL. */
export type CoordinatorVersion = '1.8.0' | '2.0.0-db';

const DEFAULT_VERSION: CoordinatorVersion = '1.8.0';

/** The versions that this run tests: `describe.each(coordinatorVersions())`. `npm run test:seata` knows more than `npm test`. */
export function coordinatorVersions(): readonly CoordinatorVersion[] {
  const versions = process.env.SEATA_TEST_VERSIONS?.split(',');
  return (versions as CoordinatorVersion[] | undefined) ?? [DEFAULT_VERSION];
}

/** The coordinator that all tests of this run share, as `host:port`. It is started for the first that asks. */
export async function sharedCoordinator(): Promise<string> {
  const { server } = await ask<{ server: string }>('shared');
  return server;
}

/** A coordinator of a test's own, which it may kill. */
export interface OwnCoordinator {
  /** `host:port`; it stays the same. */
  readonly server: string;
  /** SIGKILL. Its store stays. */
  kill(): Promise<void>;
  /** After `kill`; returns when it answers. */
  start(): Promise<void>;
  /** SIGSTOP: its connections stay open, and nothing is answered. */
  freeze(): Promise<void>;
  goOn(): Promise<void>;
  /** Kills it, and what it has stored is lost. `start` brings back one that knows nothing. */
  loseStore(): Promise<void>;
  /** Ends it for good. One that a test leaves ends with the run. */
  stop(): Promise<void>;
}

export async function ownCoordinator({
  version = DEFAULT_VERSION,
}: { version?: CoordinatorVersion } = {}): Promise<OwnCoordinator> {
  const { id, server } = await ask<{ id: string; server: string }>('own', version);
  const act = (action: string) => async (): Promise<void> => {
    await ask(`own/${id}/${action}`);
  };
  return {
    server,
    kill: act('kill'),
    start: act('start'),
    freeze: act('freeze'),
    goOn: act('go-on'),
    loseStore: act('lose-store'),
    stop: act('remove'),
  };
}

/** The command that runs the service in Java of libs/seata/test/java, built with this version of Seata's client. */
export async function javaPeerCommand(version: CoordinatorVersion): Promise<readonly string[]> {
  const { command } = await ask<{ command: readonly string[] }>('java', version);
  return command;
}

/** `npm test` starts what tests ask for here. */
async function ask<Answer>(path: string, version?: CoordinatorVersion): Promise<Answer> {
  const url = process.env.SEATA_TEST_SERVERS;
  if (url === undefined) {
    throw new Error(
      'SEATA_TEST_SERVERS is not set: run the tests with "npm test", which starts coordinators.',
    );
  }
  const response = await fetch(`${url}/${path}`, { method: 'POST', body: JSON.stringify({ version }) });
  if (!response.ok) throw new Error(`The tests' coordinators: ${await response.text()}`);
  return (await response.json()) as Answer;
}
