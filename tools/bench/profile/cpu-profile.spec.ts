import { describe, expect, it } from '@jest/globals';
import { frameTree, type CpuProfile, type CpuProfileNode } from './cpu-profile.js';
import { flameBoxes, flameGraph } from './flame-graph.js';
import { sharesBy } from './profile-report.js';

const node = (id: number, functionName: string, url = '', children: number[] = []): CpuProfileNode => ({
  id,
  callFrame: { functionName, url, lineNumber: id },
  children,
});

const listen = 'file:///repository/apps/bank1/dist/main.js';
const query = 'file:///repository/node_modules/x/node_modules/@scope/mysql/lib/query.js';

/** 100 µs in `listen`, 300 in `query` that it calls, 600 with nothing to do. */
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 4]),
    node(2, 'listen', listen, [3]),
    node(3, '', query),
    node(4, '(idle)'),
  ],
  startTime: 1000,
  endTime: 2000,
  samples: [2, 3, 4],
  timeDeltas: [0, 100, 300],
};

describe('frameTree', () => {
  const root = frameTree(profile);

  it('gives each sample the time until the next one, and leaves out the idle time', () => {
    expect(root).toMatchObject({ name: '(root)', selfUs: 0, totalUs: 400 });
    expect(root.children).toMatchObject([
      { name: 'listen', selfUs: 100, totalUs: 400, children: [{ name: '(anonymous)', selfUs: 300 }] },
    ]);
  });

  it('knows the package and the place of a function', () => {
    expect(root.children).toMatchObject([
      {
        package: 'bank1',
        place: 'apps/bank1/dist/main.js:3',
        children: [{ package: '@scope/mysql', place: '@scope/mysql/lib/query.js:4' }],
      },
    ]);
  });

  it('takes several nodes of one function below the same caller together', () => {
    const two = [node(2, 'tick', 'node:timers'), { ...node(3, 'tick', 'node:timers'), id: 3 }];
    const sameLine = two.map((item) => ({ ...item, callFrame: { ...item.callFrame, lineNumber: 5 } }));
    const doubled = { ...profile, nodes: [node(1, '(root)', '', [2, 3]), ...sameLine], samples: [2, 3, 2] };
    expect(frameTree(doubled).children).toMatchObject([{ name: 'tick', package: 'node', selfUs: 1000 }]);
  });
});

describe('sharesBy', () => {
  it('adds up self times, the largest first', () => {
    expect(sharesBy(frameTree(profile), (frame) => frame.package)).toEqual([
      { name: '@scope/mysql', selfUs: 300 },
      { name: 'bank1', selfUs: 100 },
    ]);
  });
});

describe('the flame graph', () => {
  const root = frameTree({
    ...profile,
    nodes: [
      node(1, '(root)', '', [2, 3, 4]),
      node(2, 'small<&>', listen),
      node(3, 'large', query),
      node(4, '(idle)'),
    ],
  });

  it('puts callees side by side below their caller, the largest first, as wide as their time', () => {
    const boxes = flameBoxes(root).map(({ frame, depth, from, width }) => [frame.name, depth, from, width]);
    expect(boxes).toEqual([
      ['(root)', 0, 0, 1],
      ['large', 1, 0, 0.75],
      ['small<&>', 1, 0.75, 0.25],
    ]);
  });

  it('leaves out what is too narrow to be seen', () => {
    expect(flameBoxes(root, 0.5).map(({ frame }) => frame.name)).toEqual(['(root)', 'large']);
  });

  it('names function, file and share of each frame', () => {
    const svg = flameGraph('bank1', root);
    expect(svg).toContain('<title>small&lt;&amp;&gt; (apps/bank1/dist/main.js:3) 25.00 %</title>');
    expect(svg).not.toContain('<script');
  });
});
