import { canonicalHost, isLoopback } from '../configuration/host-name.js';
import { MessagingSettings } from '../configuration/messaging-settings.js';
import { onOrOff, sharedSecret } from '../configuration/setting-rules.js';
import { Setting } from '../configuration/setting.decorator.js';

/** By what a service proves its answers to another one, and what it takes as such a proof. */
export interface AnswerProofs {
  readonly peerSharedSecret?: string;
  readonly acceptUnsignedAnswers: boolean;
}

export function PeerSharedSecret(): PropertyDecorator {
  return Setting({
    name: 'PEER_SHARED_SECRET',
    rule: sharedSecret,
    secret: true,
    meaning:
      'A secret that both services of a pair share: answers are signed with it, and no others are acted on.',
  });
}

export function AcceptUnsignedAnswers(): PropertyDecorator {
  return Setting({
    name: 'ACCEPT_UNSIGNED_ANSWERS',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Act on answers of the other service although nothing proves that they are its own: neither `PEER_SHARED_SECRET`, nor TLS, nor an address of this machine.',
  });
}

/** For `check`: what is wrong with asking at this address. */
export function peerProblems(settings: AnswerProofs, setting: string, url: string): string[] {
  return unprovenPeerProblems({
    ...{ setting, url, secretName: 'PEER_SHARED_SECRET' },
    isProven: settings.peerSharedSecret !== undefined || settings.acceptUnsignedAnswers,
  });
}

/** What services with messages read that ask one another what became of a transaction. */
export abstract class PeerSettings extends MessagingSettings implements AnswerProofs {
  @PeerSharedSecret()
  readonly peerSharedSecret?: string;

  override get answerSecret(): string | undefined {
    return this.peerSharedSecret;
  }

  @AcceptUnsignedAnswers()
  readonly acceptUnsignedAnswers!: boolean;
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
    `${setting} is ${url}, where others could answer in the other service's place, and this service acts on its answers: ` +
      `set ${secretName} to the same secret at both services, or use https, or set ACCEPT_UNSIGNED_ANSWERS=true.`,
  ];
}
