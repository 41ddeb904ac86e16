import { serviceNamed } from '@txmsg/contracts';
import { createConnection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { assertHolds, type DemoCase } from '../../demo-case.js';
import { POINTS, pointsOf, userExists, type PointsContext } from '../points-context.js';

/** What the broken ways have left for good, and what ours has; then the broken rows are removed. */
export const inTheEnd: DemoCase<PointsContext> = {
  title: 'In the end: does a user exist exactly when the points do?',

  async play(context) {
    const { terminal, made } = context;
    for (const { userId, way, isBroken } of made) {
      const [exists, points] = await Promise.all([userExists(context, userId), pointsOf(context, userId)]);
      const mark = exists === (points !== undefined) ? '=' : '≠';
      terminal.line(`  ${exists ? 'user   ' : 'no user'} ${mark} ${points ?? 'no'} points  ${way}`);
      if (isBroken) assertHolds(exists !== (points !== undefined), `"${way}" should have come out wrong.`);
      else assertHolds(exists && points === POINTS, `A user of "${way}" should have ${POINTS} points.`);
    }
    await removeBroken(context);
    terminal.line('  (What the broken ways have left is removed from the tables.)');
  },
};

async function removeBroken({ world, made }: PointsContext): Promise<void> {
  const userIds = made.filter(({ isBroken }) => isBroken).map(({ userId }) => userId);
  if (userIds.length === 0) return;
  const connection = await createConnection(parseMysqlUrl(world.mysqlRootUrl));
  try {
    for (const table of [
      `${serviceNamed('user').database}.user_info`,
      `${serviceNamed('points').database}.points_grant`,
      `${serviceNamed('points').database}.points_account`,
    ]) {
      await connection.query(`DELETE FROM ${table} WHERE user_id IN (?)`, [userIds]);
    }
  } finally {
    await connection.end();
  }
}
