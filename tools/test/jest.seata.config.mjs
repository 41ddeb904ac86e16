import { runOf } from './jest.preset.mjs';

const places = [
  'libs/seata/**',
  'apps/seata-*/**',
  'apps/identity/**',
  'apps/user/**',
  'tools/stack/seata*',
  'e2e/seata*',
];
const suffixes = ['int-spec', 'e2e-spec', 'long-spec'];

/** `npm run test:seata`. */
export default runOf(
  places.flatMap((place) =>
    suffixes.map((suffix) => `${place.endsWith('**') ? `${place}/*` : place}.${suffix}.ts`),
  ),
);
