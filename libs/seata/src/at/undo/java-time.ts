/** Moments of Java, given dates and times as MySQL writes them. */
export interface JavaMoment {
  /** Since 1970, in whole ms. */
  readonly epochMs: number;
  /** The part of the second, in ns. */
  readonly nanos: number;
}

const TEXT = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The moment at which the clocks of a time zone show a date and time; of a date alone, its midnight.
 * @throws Error when they never show it, or twice
 */
export function momentOf(text: string, zone: string): JavaMoment {
  const parts = TEXT.exec(text);
  if (parts === null) throw new Error(`"${text}" is no date that is understood`);
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0));
  const micros = Number((parts[7] ?? '').padEnd(6, '0'));
  const wallMs = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  const epochMs = momentOfWall(wallMs, zone);
  if (epochMs === undefined)
    throw new Error(`"${text}" does not exist exactly once in the time zone ${zone}`);
  return { epochMs: epochMs + Math.floor(micros / 1000), nanos: micros * 1000 };
}

/** What the clocks of a time zone show at a moment, with six digits of the second. */
export function wallTextOf({ epochMs, nanos }: JavaMoment, zone: string): string {
  const secondMs = Math.floor(epochMs / 1000) * 1000;
  const wall = new Date(secondMs + offsetMs(secondMs, zone)).toISOString();
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0');
  return `${wall.slice(0, 10)} ${wall.slice(11, 19)}.${micros}`;
}

const DAY_MS = 86_400_000;

function momentOfWall(wallMs: number, zone: string): number | undefined {
  if (zone === 'UTC') return wallMs;
  // Clocks that are set back show an hour twice, clocks that are set forward leave one out.
  const offsets = new Set([offsetMs(wallMs - DAY_MS, zone), offsetMs(wallMs + DAY_MS, zone)]);
  const moments = [...offsets]
    .map((offset) => wallMs - offset)
    .filter((moment) => moment + offsetMs(moment, zone) === wallMs);
  return moments.length === 1 ? moments[0] : undefined;
}

function offsetMs(epochMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wallMs = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wallMs - Math.floor(epochMs / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const numeric = 'numeric';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(zone, format);
  return format;
}
