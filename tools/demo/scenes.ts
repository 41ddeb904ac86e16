import { StackError } from '../stack/stack-error.js';
import { AllScene } from './all-scene.js';
import { runDemo } from './demo-run.js';
import { DemoServers } from './demo-servers.js';
import { DemoWorld } from './demo-world.js';
import { keepBanks } from './keep.js';
import { notificationScene } from './notification/notification-scene.js';
import { pointsScene } from './points/points-scene.js';
import { registrationScene } from './registration/registration-scene.js';
import { reviewScene } from './review/review-scene.js';
import type { OpenScene } from './scene.js';
import { seataScene } from './seata/seata-scene.js';
import { shopScene } from './shop/shop-scene.js';

/** What `npm run demo` plays. */
const banks: OpenScene = (terminal) => {
  const world = new DemoWorld(terminal);
  return {
    play: () => runDemo(world, terminal),
    keep: () => keepBanks(world, terminal),
    stop: () => world.stop(),
  };
};

/** Those of the other pairs of services, in the order of `all`. */
const PAIRS: Readonly<Record<string, OpenScene>> = {
  points: pointsScene,
  shop: shopScene,
  review: reviewScene,
  notification: notificationScene,
  seata: seataScene,
  registration: registrationScene,
};

const all: OpenScene = (terminal) => {
  const servers = new DemoServers((line) => {
    terminal.progress(line);
  });
  return new AllScene({ banks, ...PAIRS }, terminal, servers);
};

/** What `npm run demo -- NAME` plays. */
const SCENES: Readonly<Record<string, OpenScene>> = { ...PAIRS, all };

export const SCENE_NAMES = Object.keys(SCENES);

/** @throws StackError for a name that no scene has */
export function sceneNamed(name: string | undefined): OpenScene {
  if (name === undefined) return banks;
  const scene = Object.hasOwn(SCENES, name) ? SCENES[name] : undefined;
  if (scene !== undefined) return scene;
  throw new StackError(
    `There is no scene "${name}": "npm run demo" plays the banks, and "npm run demo -- NAME" another scene, which is ` +
      `one of ${SCENE_NAMES.join(', ')}.`,
  );
}
