import { escapeXml } from '../chart/svg-text.js';
import type { Frame } from './cpu-profile.js';

export interface FlameBox {
  readonly frame: Frame;
  /** 0 at the top. */
  readonly depth: number;
  /** Shares of the whole width. */
  readonly from: number;
  readonly width: number;
}

const WIDTH = 1600;
const ROW_HEIGHT = 17;
const HEAD_HEIGHT = 28;
const CHARACTER_WIDTH = 6.7;
/** A third of a pixel: what is narrower is seen by nobody, and is most of all frames. */
const NARROWEST = 1 / 3 / WIDTH;

/** Callers above what they called; a frame's callees begin where it begins, the largest first. */
export function flameBoxes(root: Frame, narrowest = NARROWEST): FlameBox[] {
  const boxes: FlameBox[] = [];
  const place = (frame: Frame, depth: number, from: number): void => {
    const width = frame.totalUs / root.totalUs;
    if (!(width >= narrowest)) return;
    boxes.push({ frame, depth, from, width });
    let next = from;
    for (const child of frame.children) {
      place(child, depth + 1, next);
      next += child.totalUs / root.totalUs;
    }
  };
  place(root, 0, 0);
  return boxes;
}

/** A picture for any browser, without scripts: a frame says its function, file and share when pointed at. */
export function flameGraph(title: string, root: Frame): string {
  const boxes = flameBoxes(root);
  const rows = boxes.reduce((most, { depth }) => Math.max(most, depth + 1), 0);
  const height = HEAD_HEIGHT + rows * ROW_HEIGHT + 4;
  const style = 'font: 11px monospace';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" style="${style}">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="6" y="18" style="font-size: 14px">${escapeXml(title)}</text>`,
    ...boxes.map((box) => boxSvg(box)),
    '</svg>',
    '',
  ].join('\n');
}

function boxSvg({ frame, depth, from, width }: FlameBox): string {
  const x = from * WIDTH;
  const y = HEAD_HEIGHT + depth * ROW_HEIGHT;
  const wide = width * WIDTH;
  const place = frame.place === '' ? '' : ` (${frame.place})`;
  const hint = escapeXml(`${frame.name}${place} ${(width * 100).toFixed(2)} %`);
  const rect =
    `<rect x="${x.toFixed(2)}" y="${y}" width="${Math.max(wide - 0.3, 0.2).toFixed(2)}" ` +
    `height="${ROW_HEIGHT - 1}" rx="1" fill="${colourOf(frame.package)}"/>`;
  const characters = Math.floor((wide - 6) / CHARACTER_WIDTH);
  const label = characters < 3 ? '' : frame.name.slice(0, characters);
  const text = label === '' ? '' : `<text x="${(x + 3).toFixed(2)}" y="${y + 12}">${escapeXml(label)}</text>`;
  return `<g><title>${hint}</title>${rect}${text}</g>`;
}

/** One for each package, the same in every graph. */
function colourOf(name: string): string {
  const hash = Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 360, 7);
  return `hsl(${hash} 70% 75%)`;
}
