import { quoted } from '../errors/cut-text.js';

/**
 * The topics and groups of one deployment. Keys are the names that stand in the code: in `@TransactionListener`, in
 * `@MessageListener` and in the option `outbox.topics`. Values are the names that RocketMQ, the barrier and the tables
 * know. A name without an entry is used as it stands in the code.
 *
 * Checked at start, and reported as a configuration problem: a key that nothing in this service uses, a value that is
 * no name, and two defaults that get one name where they must not share it.
 */
export interface NameOptions {
  /** For topics, of whatever kind. @default none is renamed */
  readonly topics?: Readonly<Record<string, string>>;
  /**
   * For producer groups. The actual name is the scope of the barrier's rows: it must never change while messages
   * of the old name are still under way.
   * @default none is renamed
   */
  readonly producerGroups?: Readonly<Record<string, string>>;
  /** For consumer groups, whose actual names are scopes of the barrier too. @default none is renamed */
  readonly consumerGroups?: Readonly<Record<string, string>>;
}

export type NameKind = keyof NameOptions;

/** The default names that stand in the code of this service. */
export type UsedNames = Readonly<Record<NameKind, readonly string[]>>;

const KINDS: Readonly<Record<NameKind, string>> = {
  topics: 'a topic of a listener or of outbox.topics',
  producerGroups: 'a producerGroup of a @TransactionListener',
  consumerGroups: 'a consumerGroup of a @MessageListener',
};

/** Turns the names in the code into those of this deployment. */
export class DeploymentNames {
  constructor(private readonly options: NameOptions = {}) {}

  /** Looked up once: a name that was renamed is not renamed again, so two names may be exchanged. */
  actual(kind: NameKind, byDefault: string): string {
    const names = this.options[kind];
    return names !== undefined && Object.hasOwn(names, byDefault)
      ? (names[byDefault] ?? byDefault)
      : byDefault;
  }

  /** The actual name in the words of a report, with the default that it replaces. */
  told(kind: NameKind, byDefault: string): string {
    const actual = this.actual(kind, byDefault);
    if (actual === byDefault) return quoted(actual);
    return `${quoted(actual)} (in the code ${quoted(byDefault)}, renamed by names.${kind})`;
  }

  /** One sentence for every entry that renames nothing, or to nothing. */
  problems(used: UsedNames): string[] {
    return (Object.keys(KINDS) as NameKind[]).flatMap((kind) =>
      Object.entries(this.options[kind] ?? {}).flatMap(([byDefault, actual]) =>
        entryProblem(kind, byDefault, actual, used[kind]),
      ),
    );
  }
}

function entryProblem(kind: NameKind, byDefault: string, actual: unknown, used: readonly string[]): string[] {
  const entry = `names.${kind}[${quoted(byDefault)}]`;
  if (typeof actual !== 'string' || actual === '') {
    return [
      `${entry} is ${quoted(actual)}; it must be the name to use instead. Leave the entry out to keep the default.`,
    ];
  }
  if (used.includes(byDefault)) return [];
  const known = [...new Set(used)].map(quoted).join(', ') || 'none';
  return [
    `${entry} renames nothing: this service has no such name. It must be ${KINDS[kind]}, as the code has it; there are: ${known}.`,
  ];
}
