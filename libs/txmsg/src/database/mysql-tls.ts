/** The TLS options that a MySQL URL may carry as a JSON object; those of Node's `tls.createSecureContext`, and two of mysql2. */
export interface MysqlTls {
  /** PEM of the authorities to trust instead of the well-known ones. */
  readonly ca?: string | string[];
  /** PEM of the client's own certificate. @default none is shown to the server */
  readonly cert?: string;
  /** PEM of the key of `cert`. */
  readonly key?: string;
  /** Of the key, when it is encrypted. */
  readonly passphrase?: string;
  /** OpenSSL's list of ciphers. @default those of Node */
  readonly ciphers?: string;
  /** Such as `TLSv1.2`. @default that of Node */
  readonly minVersion?: string;
  /** Such as `TLSv1.2`. @default that of Node */
  readonly maxVersion?: string;
  /** False: encrypted, but the server's certificate is not checked. @default true */
  readonly rejectUnauthorized?: boolean;
  /** Whether the certificate must be for the host of the URL. @default true for a name, false for an IP address */
  readonly verifyIdentity?: boolean;
}

const FLAGS: readonly string[] = ['rejectUnauthorized', 'verifyIdentity'];
const TEXTS: readonly string[] = ['ca', 'cert', 'key', 'passphrase', 'ciphers', 'minVersion', 'maxVersion'];

/** @returns false for plain text; a string that continues "it …" when the value is not understood */
export function readTls(text: string): MysqlTls | false | string {
  const value = parsed(text);
  if (value === true) return {};
  if (value === false) return false;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'has an ssl that is neither true nor false nor a JSON object';
  }
  for (const [name, option] of Object.entries(value)) {
    const shown = JSON.stringify(name.slice(0, 40));
    if (FLAGS.includes(name)) {
      if (typeof option !== 'boolean') return `has an ssl whose ${shown} is neither true nor false`;
    } else if (!TEXTS.includes(name)) {
      return `has an ssl with the option ${shown}, which is not understood; known are ${[...TEXTS, ...FLAGS].join(', ')}`;
    } else if (typeof option !== 'string' && !(name === 'ca' && isListOfTexts(option))) {
      return `has an ssl whose ${shown} is no text`;
    }
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
