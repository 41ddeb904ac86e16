import type { Frame } from './cpu-profile.js';

interface Share {
  readonly name: string;
  readonly selfUs: number;
}

const PACKAGES_MAX = 20;
const FUNCTIONS_MAX = 30;

/** Where the time of one process went, as tables. */
export function profileLines(process: string, root: Frame): string[] {
  const seconds = (root.totalUs / 1e6).toFixed(1);
  return [
    '',
    `${process}: busy for ${seconds} s; self time by package`,
    ...tableOf(
      sharesBy(root, (frame) => frame.package),
      root,
      PACKAGES_MAX,
    ),
    '',
    `${process}: self time by function`,
    ...tableOf(
      sharesBy(root, ({ name, place }) => (place === '' ? name : `${name} (${place})`)),
      root,
      FUNCTIONS_MAX,
    ),
  ];
}

/** The largest first. */
export function sharesBy(root: Frame, nameOf: (frame: Frame) => string): Share[] {
  const times = new Map<string, number>();
  const add = (frame: Frame): void => {
    if (frame.selfUs > 0) times.set(nameOf(frame), (times.get(nameOf(frame)) ?? 0) + frame.selfUs);
    frame.children.forEach(add);
  };
  add(root);
  return [...times].map(([name, selfUs]) => ({ name, selfUs })).sort((a, b) => b.selfUs - a.selfUs);
}

function tableOf(shares: readonly Share[], root: Frame, rowsMax: number): string[] {
  return shares.slice(0, rowsMax).map(({ name, selfUs }) => {
    const percent = ((100 * selfUs) / root.totalUs).toFixed(1);
    return `${percent.padStart(6)} %${(selfUs / 1000).toFixed(0).padStart(8)} ms  ${name}`;
  });
}
