import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { serviceNamed, SERVICES, variablePrefix, type Service, type ServiceName } from '@txmsg/contracts';
import { runCommand } from '../stack/run-command.js';
import { StackError } from '../stack/stack-error.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import type { ComposeShape } from './compose-shape.js';

const LOAD_BALANCER_PORT = 8080;

/** A new machine installs all packages. */
const BUILD_DEADLINE_MS = 20 * 60_000;
/** MySQL makes its data folder first; a busy machine takes its time with everything. */
const UP_DEADLINE_MS = 6 * 60_000;
const DOWN_DEADLINE_MS = 3 * 60_000;
const COMMAND_DEADLINE_MS = 60_000;
const OUTPUT_LINES_SHOWN = 80;

export interface ContainerLine {
  /** `bank2-1` */
  readonly container: string;
  readonly text: string;
}

/**
 * The system of docker-compose.yml under a name, ports and secrets of its own, so that one that is in use here
 * is not touched. The name stays the same for this clone: what a killed run has left is removed by the next.
 */
export class ComposeProject {
  readonly name = `txmsg-test-${createHash('sha256').update(repositoryDirectory).digest('hex').slice(0, 8)}`;
  readonly adminToken = randomBytes(18).toString('base64url');
  /** All that must never be seen from outside. */
  readonly secrets: readonly string[];
  private readonly secretsDirectory = mkdtempSync(join(tmpdir(), 'txmsg-compose-'));
  private readonly environment: Readonly<Record<string, string>>;

  constructor(
    private readonly shape: ComposeShape,
    private readonly signal: AbortSignal,
  ) {
    const password = (): string => randomBytes(18).toString('base64url');
    const [root, administrator, shared, metrics] = [password(), password(), password(), password()];
    const seata = [password(), randomBytes(48).toString('base64')] as const;
    const secrets = [this.adminToken, root, administrator, shared, metrics, ...seata];
    const serviceFile = ({ name, database }: Service): string => {
      const [mysql, rocketmq] = [password(), password()];
      secrets.push(mysql, rocketmq);
      const lines = [
        `MYSQL_URL=mysql://${database}:${mysql}@mysql:3306/${database}`,
        `ROCKETMQ_ACCESS_KEY=${name}`,
        `ROCKETMQ_ACCESS_SECRET=${rocketmq}`,
        `ADMIN_TOKEN=${this.adminToken}`,
      ];
      return this.writeSecret(`${name}.env`, `${lines.join('\n')}\n`);
    };
    const ofServices = SERVICES.flatMap((service) => [
      [`${variablePrefix(service.name)}_PORT`, '0'],
      [`${variablePrefix(service.name)}_ENV_FILE`, serviceFile(service)],
    ]);
    this.secrets = secrets;
    this.environment = {
      ...(Object.fromEntries(ofServices) as Record<string, string>),
      BALANCED_PORT: '0',
      MYSQL_ROOT_PASSWORD_FILE: this.writeSecret('mysql-root-password', root),
      ROCKETMQ_ADMINISTRATOR_SECRET_FILE: this.writeSecret('rocketmq-administrator', administrator),
      BANK_SHARED_SECRET_FILE: this.writeSecret('bank-shared-secret', shared),
      METRICS_TOKEN_FILE: this.writeSecret('metrics-token', metrics),
      SEATA_PORT: '0',
      SEATA_CONSOLE_PORT: '0',
      SEATA_SECRETS_FILE: this.writeSecret('seata.properties', seataSecrets(...seata)),
      // One build at a time leaves the machine to others.
      COMPOSE_PARALLEL_LIMIT: '1',
    };
  }

  build(): Promise<string> {
    return this.compose(['--profile', '*', 'build'], BUILD_DEADLINE_MS);
  }

  /** Starts what is not running and waits until all of it is healthy. */
  up(): Promise<string> {
    const { instances } = this.shape;
    return this.start(...Object.entries(instances).flatMap(([bank, count]) => scale(bank, count)));
  }

  /** Starts one service again without looking at those that it depends on. */
  restart(service: string, instances = 1): Promise<string> {
    return this.start('--no-deps', ...scale(service, instances), service);
  }

  /** SIGKILL. */
  kill(service: string): Promise<string> {
    return this.compose(['kill', service]);
  }

  stop(): Promise<string> {
    return this.compose(['--profile', '*', 'down'], DOWN_DEADLINE_MS);
  }

  /** Containers, volumes and images of this project. Also after a signal. */
  async remove(): Promise<void> {
    const down = ['--profile', '*', 'down', '--volumes', '--rmi', 'local', '--remove-orphans'];
    await this.compose(down, DOWN_DEADLINE_MS, new AbortController().signal);
  }

  /** Runs the container of the profile `e2e` to its end. @throws StackError with what it said when it fails */
  runTests(deadlineMs: number): Promise<string> {
    return this.compose(['--profile', 'e2e', 'run', '--rm', '--no-deps', '-T', 'e2e'], deadlineMs);
  }

  /** Where this service is found from here; a container that was started again has another port. */
  async port(name: ServiceName): Promise<number> {
    const [service, containerPort] = this.shape.isBalanced
      ? ['load-balancer', LOAD_BALANCER_PORT]
      : [name, serviceNamed(name).port];
    const address = await this.compose(['port', service, String(containerPort)]);
    const port = Number(/:(\d+)\s*$/.exec(address)?.[1]);
    if (port > 0) return port;
    throw new StackError(
      `${service} is not published: "docker compose port" answered ${JSON.stringify(address)}.`,
    );
  }

  /** What a command in the container of this service says. */
  execute(
    service: string,
    command: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const settings = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    return this.compose(['exec', '-T', ...settings, service, ...command]);
  }

  /** Everything that the containers of these services have written. */
  async logs(...services: readonly string[]): Promise<ContainerLine[]> {
    const output = await this.compose(['logs', '--no-color', ...services]);
    return stripVTControlCharacters(output)
      .split('\n')
      .flatMap((line) => {
        const match = /^(\S+)\s+\| (.*)$/.exec(line);
        return match ? [{ container: match[1] ?? '', text: match[2] ?? '' }] : [];
      });
  }

  /** The ids of all containers, also of those that have ended. */
  async containers(...services: readonly string[]): Promise<string[]> {
    return words(await this.compose(['ps', '--all', '--quiet', ...services]));
  }

  compose(
    parameters: readonly string[],
    deadlineMs = COMMAND_DEADLINE_MS,
    signal = this.signal,
  ): Promise<string> {
    const all = ['docker-compose.yml', ...this.shape.files, 'tools/compose/test.compose.yml'];
    const files = all.flatMap((file) => ['--file', file]);
    const own = ['compose', '--ansi', 'never', '--progress', 'plain', '--project-name', this.name];
    return this.docker([...own, ...files, ...parameters], deadlineMs, signal);
  }

  /** @throws StackError with the end of what docker said */
  async docker(
    parameters: readonly string[],
    deadlineMs = COMMAND_DEADLINE_MS,
    signal = this.signal,
  ): Promise<string> {
    const { exitCode, output } = await runCommand('docker', parameters, {
      deadlineMs,
      environment: this.environment,
      workingDirectory: repositoryDirectory,
      signal,
    });
    if (exitCode === 0) return output;
    const end = output.trim().split('\n').slice(-OUTPUT_LINES_SHOWN).join('\n');
    const how = exitCode === -1 ? `did not end within ${deadlineMs / 1000} s` : `ended with ${exitCode}`;
    throw new StackError(`"docker ${parameters.join(' ')}" ${how}:\n${end}`);
  }

  private start(...parameters: readonly string[]): Promise<string> {
    const profile = this.shape.isBalanced ? ['--profile', 'cluster'] : [];
    return this.compose(
      [...profile, 'up', '--detach', '--wait', '--no-build', ...parameters],
      UP_DEADLINE_MS,
    );
  }

  forgetSecrets(): void {
    rmSync(this.secretsDirectory, { recursive: true, force: true });
  }

  /** Users of the containers read the file; the folder is closed to users of this machine. */
  private writeSecret(name: string, contents: string): string {
    const file = join(this.secretsDirectory, name);
    writeFileSync(file, contents);
    chmodSync(file, 0o644);
    return file;
  }
}

/** As Spring's properties; in base64 nothing is to be escaped. */
function seataSecrets(password: string, secretKey: string): string {
  return [
    'console.user.username=seata',
    `console.user.password=${password}`,
    `seata.security.secretKey=${secretKey}`,
    '',
  ].join('\n');
}

function scale(service: string, instances: number): string[] {
  return ['--scale', `${service}=${instances}`];
}

export function words(output: string): string[] {
  return output.split(/\s+/).filter((word) => word !== '');
}
