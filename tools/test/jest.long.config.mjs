import { runOf } from './jest.preset.mjs';

/** `npm run test:long`: the suites that `npm test` leaves out, and those in which it kills at fewer points. */
export default runOf([
  '{e2e,libs,tools}/**/!(seata*).long-spec.ts',
  'e2e/{custody,points,top-ups}.e2e-spec.ts',
]);
