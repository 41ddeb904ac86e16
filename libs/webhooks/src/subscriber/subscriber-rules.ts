import { InvalidArgumentError } from 'txmsg';
import { isPublicAddress, literalAddress } from '../call/address-rules.js';
import type { SubscriberContents } from './subscriber.js';

export const LADDER_RULE = 'it must be 1 to 20 whole numbers of seconds, each from 1 to 604800';
export const JITTER_MAX = 0.5;
export const EVENT_TYPE_PATTERN = /^[A-Za-z0-9._-]{1,128}$/;
export const URL_LENGTH_MAX = 2048;
const EVENTS_MAX = 50;
const LADDER_LENGTH_MAX = 20;
const PAUSE_SECONDS_MAX = 604_800;

export function isLadder(ladder: unknown): ladder is readonly number[] {
  return (
    Array.isArray(ladder) &&
    ladder.length >= 1 &&
    ladder.length <= LADDER_LENGTH_MAX &&
    ladder.every((pause) => Number.isInteger(pause) && pause >= 1 && pause <= PAUSE_SECONDS_MAX)
  );
}

/**
 * Whether those contents which are given are allowed; the address, whose rules are in options, is for `requireUrl`.
 * @throws InvalidArgumentError
 */
export function requireContents(contents: Partial<SubscriberContents>): void {
  const { name, events, ladderSeconds = null, jitter = null, expectBody = null } = contents;
  must(
    name === undefined || /^(?! )[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}(?<! )$/u.test(name),
    'name',
    name,
    'have 1 to 100 printable characters',
  );
  must(
    events === undefined || isEventList(events),
    'events',
    events?.join(', '),
    `be 1 to ${EVENTS_MAX} different types of A-Z a-z 0-9 . _ -`,
  );
  if (ladderSeconds !== null && !isLadder(ladderSeconds))
    throw new InvalidArgumentError('ladder', ladderSeconds, LADDER_RULE);
  must(
    jitter === null || (jitter >= 0 && jitter <= JITTER_MAX),
    'jitter',
    jitter,
    `be a number from 0 to ${JITTER_MAX}`,
  );
  const isBody = expectBody === null || (/^\S(?:.*\S)?$/su.test(expectBody) && expectBody.length <= 200);
  must(isBody, 'expectBody', expectBody, 'have 1 to 200 characters, the first and last no space');
}

function isEventList(events: readonly string[]): boolean {
  const areTypes = events.every((type) => EVENT_TYPE_PATTERN.test(type));
  return (
    areTypes && events.length >= 1 && events.length <= EVENTS_MAX && new Set(events).size === events.length
  );
}

function must(isRight: boolean, field: string, value: unknown, rule: string): void {
  if (!isRight) throw new InvalidArgumentError(field, value, `it must ${rule}`);
}

/** What decides which URLs a subscriber may have. */
export interface UrlRules {
  readonly allowHttp: boolean;
  readonly allowPrivateAddresses: boolean;
}

/**
 * Why calls may not go to this URL, to complete "it must …"; undefined when they may. A host that is an address must be
 * written as such: `0177.0.0.1` and `2130706433` are ways to write 127.0.0.1 that hide it. Where a name leads is judged with
 * each call.
 */
export function urlProblem(text: string, { allowHttp, allowPrivateAddresses }: UrlRules): string | undefined {
  if (text.length > URL_LENGTH_MAX) return `have at most ${URL_LENGTH_MAX} characters`;
  // Spaces and control characters at its ends, and line breaks and tabs anywhere, are dropped by the parser.
  if (/[\s\p{Cc}\\]/u.test(text) || !URL.canParse(text)) return 'be a URL, such as https://example.com/hook';
  const url = new URL(text);
  const { protocol, hostname } = url;
  const takesHttp = allowHttp || allowPrivateAddresses;
  if (protocol !== 'https:' && !(protocol === 'http:' && takesHttp)) {
    return takesHttp ? 'begin with https:// or http://' : 'begin with https://';
  }
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    return 'hold no user, password or "@"';
  if (text.includes('#')) return 'have no fragment';
  if (!isWrittenPlainly(text, hostname))
    return 'write its host as it is called: an address in its usual form';
  if (allowPrivateAddresses) return undefined;
  const literal = literalAddress(hostname);
  const isLocalName = /^(?:.*\.)?localhost\.?$/.test(hostname);
  if (isLocalName || (literal !== undefined && !isPublicAddress(literal))) return 'be at a public address';
  return undefined;
}

/** @throws InvalidArgumentError */
export function requireUrl(text: string, rules: UrlRules): void {
  const problem = urlProblem(text, rules);
  if (problem !== undefined) throw new InvalidArgumentError('url', withoutQuery(text), `it must ${problem}`);
}

/** The parser turns every form of an IPv4 address into the usual one, and wide or escaped letters into plain ones. */
function isWrittenPlainly(text: string, hostname: string): boolean {
  if (hostname.startsWith('[')) return true;
  const authority = text.slice(text.indexOf('//') + 2).split(/[/?]/, 1)[0] ?? '';
  return authority.replace(/:\d*$/, '').toLowerCase() === hostname;
}

/** What stands in a query, or before an "@", may be a secret. */
function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//(not shown)@');
}
