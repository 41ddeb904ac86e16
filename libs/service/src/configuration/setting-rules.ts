import { parseBrokerAddress } from 'txmsg/building-blocks';
import { MysqlUrlError, parseMysqlUrl } from 'txmsg/mysql';
import { canonicalHost } from './host-name.js';

/** How the text of one environment variable becomes a value. */
export interface SettingRule<T> {
  /** Completes the sentence "PORT must be …". */
  readonly text: string;
  /** The value; undefined when the text breaks the rule, or a `BrokenRule` when the rule alone does not say how. */
  readonly read: (text: string) => T | BrokenRule | undefined;
}

/** `how` continues the sentence "it …". */
export class BrokenRule {
  constructor(readonly how: string) {}
}

export function wholeNumber(min: number, max: number): SettingRule<number> {
  return {
    text: `a whole number from ${min} to ${max}`,
    read: (text) => {
      if (!/^\d{1,15}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** Several of them, with commas between; at least one. */
export function wholeNumbers(min: number, max: number): SettingRule<readonly number[]> {
  const { read } = wholeNumber(min, max);
  return {
    text: `whole numbers from ${min} to ${max}, with commas between them`,
    read: (text) => {
      const given = text.split(',').map((part) => read(part.trim()));
      const numbers = given.filter((value) => typeof value === 'number');
      return numbers.length === given.length ? numbers : undefined;
    },
  };
}

export function matching(pattern: RegExp, text: string): SettingRule<string> {
  return { text, read: (value) => (pattern.test(value) ? value : undefined) };
}

export function oneOf<T extends string>(choices: readonly T[]): SettingRule<T> {
  return {
    text: `one of ${choices.join(', ')}`,
    read: (text) => choices.find((choice) => choice === text),
  };
}

export const onOrOff: SettingRule<boolean> = {
  text: 'true or false',
  read: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};

export const mysqlUrl: SettingRule<string> = {
  text: 'a URL of the form mysql://user:password@host:port/database',
  read: (text) => {
    try {
      const { user, database } = parseMysqlUrl(text);
      if (user === undefined) return new BrokenRule('names no user');
      return database === undefined ? new BrokenRule('names no database') : text;
    } catch (error) {
      return error instanceof MysqlUrlError ? new BrokenRule(error.problem) : undefined;
    }
  },
};

export const httpUrl: SettingRule<string> = {
  text: 'a URL of the form http://host:port or https://host:port, without a path',
  read: (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isBase = /^https?:$/.test(url?.protocol ?? '') && url?.pathname === '/' && url.search === '';
    return isBase ? url.origin : undefined;
  },
};

export const hostAndPort: SettingRule<string> = {
  text: 'one address of the form host:port',
  read: (text) => (parseBrokerAddress(text) ? text : undefined),
};

/** In canonical form; a port makes no difference to who is meant. */
export const hostNames: SettingRule<readonly string[]> = {
  text: 'host names or IP addresses, separated by commas, without ports',
  read: (text) => {
    const hosts = text.split(',').map((host) => canonicalHost(host.trim()));
    return hosts.every((host) => host !== undefined) ? hosts : undefined;
  },
};

/** As RocketMQ's own tools take them. */
export const hostsAndPorts: SettingRule<readonly string[]> = {
  text: 'addresses of the form host:port, with ";" between them',
  read: (text) => {
    const addresses = text.split(';').map((address) => hostAndPort.read(address));
    const read = addresses.filter((address) => typeof address === 'string');
    return read.length === addresses.length ? read : undefined;
  },
};

/** Topics and groups, by the broker's own rule for them. */
export const brokerName = matching(
  /^[A-Za-z0-9_-]{1,127}$/,
  'a name of 1 to 127 characters out of A-Z, a-z, 0-9, "_" and "-"',
);

/** What fits into an `Authorization` header. */
export const secretWord = matching(
  /^[\x21-\x7e]{1,256}$/,
  '1 to 256 printable ASCII characters without spaces',
);

/** Too long to be guessed. */
export const sharedSecret = matching(
  /^[\x21-\x7e]{16,256}$/,
  '16 to 256 printable ASCII characters without spaces',
);

/** RocketMQ's own header ends it at a comma or a slash. */
export const accessKeyRule = matching(
  /^[\x21-\x2b\x2d\x2e\x30-\x7e]{1,128}$/,
  '1 to 128 printable ASCII characters without spaces, "," and "/"',
);

/** The list is parsed here; its items are checked where they are used. */
export function jsonList<Item>(): SettingRule<readonly Item[]> {
  return {
    text: 'a JSON array',
    read: (text) => {
      try {
        const value: unknown = JSON.parse(text);
        return Array.isArray(value) ? (value as Item[]) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
