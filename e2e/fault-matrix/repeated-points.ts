import type { FaultPoint } from 'txmsg/faults';

const IS_EVERY_POINT_WANTED = process.env.TXMSG_TEST_EVERY_POINT === '1';

/** On either side of a COMMIT, or of a publication: what is done is told, or is not. */
const DECISIVE = /commit|\.published$/;

/**
 * Where a service is killed in code of the library at which another suite kills a service already: fault-matrix.e2e-spec at
 * every point but those of jobs, points.e2e-spec at those of the outbox, review.e2e-spec at those of jobs.
 * @returns in `npm test` those on either side of a COMMIT or a publication; in `npm run test:long` all
 */
export function repeatedPoints(points: readonly FaultPoint[]): readonly FaultPoint[] {
  return points.filter((point) => IS_EVERY_POINT_WANTED || DECISIVE.test(point));
}
