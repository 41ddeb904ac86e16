import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { StackError } from '../stack/stack-error.js';
import { SCENE_NAMES, sceneNamed } from './scenes.js';

describe('the scenes of the demo', () => {
  it('are found by their names, each another one, and the banks without a name', () => {
    const scenes = [undefined, ...SCENE_NAMES].map(sceneNamed);
    expect(new Set(scenes).size).toBe(SCENE_NAMES.length + 1);
  });

  it('are points, shop, review, notification, seata, registration, and all of them', () => {
    expect(SCENE_NAMES).toEqual(['points', 'shop', 'review', 'notification', 'seata', 'registration', 'all']);
  });

  it.each(['banks', 'Points', 'constructor', ''])(
    'have no "%s": one sentence says which there are',
    (name) => {
      expect(() => sceneNamed(name)).toThrow(StackError);
      expect(() => sceneNamed(name)).toThrow(
        `There is no scene "${name}": "npm run demo" plays the banks, and "npm run demo -- NAME" another scene, which is ` +
          `one of ${SCENE_NAMES.join(', ')}.`,
      );
    },
  );
});
