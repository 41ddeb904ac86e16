import type { FaultRule } from 'txmsg/faults';

type Point = FaultRule['point'];

const IS_EVERY_POINT_WANTED = process.env.TXMSG_TEST_EVERY_POINT === '1';

/** On either side of a COMMIT, or of a publication: what is done is told, or is not. */
const DECISIVE = /commit|\.published$/;

/**
 * Where a service is killed in code of the library at which another suite kills a service already: fault-matrix.e2e-spec at
 * every point but those of jobs, points.e2e-spec at those of the outbox, review.e2e-spec at those of jobs. A point of a
 * service (`service:…`) is in one service only, and is always among them.
 * @returns in `npm test` those on either side of a COMMIT or a publication; in `npm run test:long` all
 */
export function repeatedPoints(points: readonly Point[]): readonly Point[] {
  return points.filter(
    (point) => IS_EVERY_POINT_WANTED || point.startsWith('service:') || DECISIVE.test(point),
  );
}
