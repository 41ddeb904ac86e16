import type { FaultRule } from 'txmsg/faults';

type Point = FaultRule['point'];

const IS_EVERY_POINT_WANTED = process.env.TXMSG_TEST_EVERY_POINT === '1';

/** On either side of a COMMIT, or of a publication: what is done is told, or is not. */
const DECISIVE = /commit|\.published$/;

/**
 * Where the services beside the banks are killed, of all points that they pass. Each kill costs a process, which takes seconds
 * to start. Points of the library are killed at elsewhere too: fault-matrix.e2e-spec has all but those of jobs,
 * points.e2e-spec those of the outbox, review.e2e-spec those of jobs.
 * @returns in `npm test` those on either side of a COMMIT or a publication; in `npm run test:long` all
 */
export function pointsToKillAt(points: readonly Point[]): readonly Point[] {
  return points.filter((point) => IS_EVERY_POINT_WANTED || DECISIVE.test(point));
}
