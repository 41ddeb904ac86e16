/** What V8's profiler writes, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly CpuProfileNode[];
  /** In µs, of V8's own clock. */
  readonly startTime: number;
  readonly endTime: number;
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** How long before each sample the one before it was recorded, in µs; of the first one since `startTime`. */
  readonly timeDeltas: readonly number[];
}

export interface CpuProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** A function where it was called from. */
export interface Frame {
  readonly name: string;
  /** With the line; empty for what is no JavaScript. */
  readonly place: string;
  readonly package: string;
  readonly selfUs: number;
  /** Including what it called. */
  readonly totalUs: number;
  readonly children: readonly Frame[];
}

const IDLE = '(idle)';

/** The calls as a tree, without the time in which the process had nothing to do. */
export function frameTree(profile: CpuProfile): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = selfTimesUs(profile);
  const frameOf = (ids: readonly number[]): Frame => {
    const found = ids.flatMap((id) => nodes.get(id) ?? []);
    const callees = found.flatMap(({ children = [] }) => children.flatMap((id) => nodes.get(id) ?? []));
    const children = groupsOf(callees.filter(({ callFrame }) => callFrame.functionName !== IDLE)).map(
      frameOf,
    );
    const selfUs = ids.reduce((sum, id) => sum + (times.get(id) ?? 0), 0);
    const [first] = found;
    return {
      name:
        first === undefined || first.callFrame.functionName === ''
          ? '(anonymous)'
          : first.callFrame.functionName,
      place: first === undefined ? '' : placeOf(first),
      package: first === undefined ? '' : packageOf(first),
      selfUs,
      totalUs: children.reduce((sum, child) => sum + child.totalUs, selfUs),
      children: children.sort((a, b) => b.totalUs - a.totalUs),
    };
  };
  return frameOf(profile.nodes.slice(0, 1).map(({ id }) => id));
}

/** Ids of the nodes of each function: V8 may have several of one function below the same caller. */
function groupsOf(nodes: readonly CpuProfileNode[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const node of nodes) {
    const name = `${node.callFrame.functionName} ${placeOf(node)}`;
    groups.set(name, [...(groups.get(name) ?? []), node.id]);
  }
  return [...groups.values()];
}

/** A sample stands for the time until the next one. */
function selfTimesUs({ samples, timeDeltas, startTime, endTime }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>();
  let at = startTime;
  samples.forEach((id, index) => {
    at += timeDeltas[index] ?? 0;
    const lasted = timeDeltas[index + 1] ?? Math.max(0, endTime - at);
    times.set(id, (times.get(id) ?? 0) + lasted);
  });
  return times;
}

/** Of the package's own folder, or of Node. */
function placeOf({ callFrame: { url, lineNumber } }: CpuProfileNode): string {
  if (url === '') return '';
  const file = /\/node_modules\/(?!.*\/node_modules\/)(.+)$/.exec(url)?.[1] ?? ownFile(url) ?? url;
  return `${file}:${lineNumber + 1}`;
}

function ownFile(url: string): string | undefined {
  return /\/((?:libs|apps)\/.+)$/.exec(url)?.[1];
}

function packageOf({ callFrame: { url, functionName } }: CpuProfileNode): string {
  // `(program)` is what runs outside JavaScript, `(garbage collector)` names itself.
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  if (url.startsWith('node:')) return 'node';
  const dependency = /\/node_modules\/(?!.*\/node_modules\/)((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return dependency ?? ownFile(url)?.split('/')[1] ?? 'other';
}
