import { canonicalHost, isLoopback } from '../configuration/host-name.js';
import { MessagingSettings } from '../configuration/messaging-settings.js';
import { onOrOff, sharedSecret } from '../configuration/setting-rules.js';
import { Setting } from '../configuration/setting.decorator.js';

/** What services read that ask one another what became of a transaction. */
export abstract class PeerSettings extends MessagingSettings {
  @Setting({
    name: 'PEER_SHARED_SECRET',
    rule: sharedSecret,
    secret: true,
    meaning:
      'A secret that both services of a pair share: answers are signed with it, and reconciliation acts on no others.',
  })
  readonly peerSharedSecret?: string;

  override get answerSecret(): string | undefined {
    return this.peerSharedSecret;
  }

  @Setting({
    name: 'ACCEPT_UNSIGNED_ANSWERS',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Act on answers of the other service although nothing proves that they are its own: neither `PEER_SHARED_SECRET`, nor TLS, nor an address of this machine.',
  })
  readonly acceptUnsignedAnswers!: boolean;

  /** For `check`: what is wrong with asking at this address. */
  protected peerProblems(setting: string, url: string): string[] {
    return unprovenPeerProblems({
      ...{ setting, url, secretName: 'PEER_SHARED_SECRET' },
      isProven: this.peerSharedSecret !== undefined || this.acceptUnsignedAnswers,
    });
  }
}

export interface PeerAddress {
  /** The setting that holds the address. */
  readonly setting: string;
  readonly url: string;
  readonly secretName: string;
  /** Whether a secret proves the answers, or they are accepted without proof. */
  readonly isProven: boolean;
}

/** What follows from an answer changes what a service owns, so nobody else may answer in the other service's place. */
export function unprovenPeerProblems({ setting, url, secretName, isProven }: PeerAddress): string[] {
  const { protocol, hostname } = new URL(url);
  if (isProven || protocol === 'https:' || isLoopback(canonicalHost(hostname) ?? '')) return [];
  return [
    `${setting} is ${url}, where others could answer in the other service's place, and reconciliation acts on its answers: ` +
      `set ${secretName} to the same secret at both services, or use https, or set ACCEPT_UNSIGNED_ANSWERS=true.`,
  ];
}
