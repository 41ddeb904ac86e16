import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  REGISTRATION,
  TWO_PHASE_PATTERNS,
  USER_REGISTERED_TOPIC,
  type TwoPhasePattern,
} from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../libs/seata/test/coordinator.js';
import { faults, NO_PHASE_TWO_YET } from './kit/faults.js';
import { RegistrationServices } from './kit/registration-services.js';
import { endBranchByHand, type Way } from './kit/runbook.js';

const DEADLINE_MS = 10 * 60_000;
const ORDER = { txNo: 'lost', name: '张三' };

describe.each(coordinatorVersions())(
  'a registration that only a person can end, with Seata %s',
  (version) => {
    let coordinator: OwnCoordinator;
    let services: RegistrationServices;

    beforeEach(async () => {
      coordinator = await ownCoordinator({ version });
      services = await RegistrationServices.create('mending_reg', coordinator.server);
    }, DEADLINE_MS);
    afterEach(async () => {
      await services.close();
      await coordinator.stop();
    }, DEADLINE_MS);

    const forgetEverything = async (): Promise<void> => {
      await coordinator.loseStore();
      await coordinator.start();
    };
    const expectToBeOpen = async (pattern: TwoPhasePattern): Promise<void> => {
      const open = { AT: { undoLogs: 1 }, TCC: { openFences: 1 } }[pattern];
      for (const service of REGISTRATION) expect(await services.openWork(service)).toMatchObject(open);
    };
    const endByHand = async (pattern: TwoPhasePattern, way: Way): Promise<void> => {
      const [row] = await services.query<{ xid: string; userId: string }>(
        'user',
        'SELECT xid, user_id AS userId FROM registration WHERE tx_no = ?',
        [ORDER.txNo],
      );
      if (row === undefined) throw new Error('user has no registration');
      const suffix = services.named(USER_REGISTERED_TOPIC).slice(USER_REGISTERED_TOPIC.length);
      const values = { xid: row.xid, tx_no: ORDER.txNo, user_id: row.userId, suffix };
      for (const service of REGISTRATION) {
        await endBranchByHand({ service, mysqlUrl: services.mysqlUrl(service), pattern, values }, way);
      }
    };

    it.each(TWO_PHASE_PATTERNS)(
      'under %s, before the coordinator was asked to commit: both services roll back by hand, and it can be made again',
      async (pattern) => {
        await services.start('identity');
        const point = 'service:seata.tm.before-commit';
        const user = await services.start('user', faults({ point, action: 'kill' }));
        await user.killedAt(point, () => services.register(pattern, ORDER));
        await forgetEverything();
        await services.start('user');
        await expectToBeOpen(pattern);
        await endByHand(pattern, 'roll back');
        await services.ended();
        expect(await services.expectAgreement()).toEqual([]);
        await eventually(async () => {
          expect((await services.register(pattern, ORDER)).status).toBe(201);
        });
        await services.ended();
        expect(await services.expectAgreement()).toEqual([ORDER.name]);
      },
      DEADLINE_MS,
    );

    it.each(TWO_PHASE_PATTERNS)(
      'under %s, after its caller was answered: both services commit by hand, and who registers is told to others',
      async (pattern) => {
        await services.start('identity', faults(NO_PHASE_TWO_YET));
        await services.start('user', faults(NO_PHASE_TWO_YET));
        expect((await services.register(pattern, ORDER)).status).toBe(201);
        await forgetEverything();
        await services.replace('identity');
        await services.replace('user');
        await expectToBeOpen(pattern);
        await endByHand(pattern, 'commit');
        await services.ended();
        expect(await services.expectAgreement()).toEqual([ORDER.name]);
        expect((await services.logIn(ORDER.name)).status).toBe(200);
        expect(await services.published()).toEqual(pattern === 'TCC' ? [ORDER.txNo] : []);
        await eventually(async () => {
          const waiting = await services.query(
            'user',
            "SELECT id FROM local_message WHERE state <> 'PUBLISHED'",
          );
          expect(waiting).toEqual([]);
        });
      },
      DEADLINE_MS,
    );
  },
);
