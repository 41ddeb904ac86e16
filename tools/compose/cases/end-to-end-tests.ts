import { stripVTControlCharacters } from 'node:util';
import type { ComposeCase } from '../compose-case.js';

const DEADLINE_MS = 15 * 60_000;

export const endToEndTests: ComposeCase = {
  title: 'the end-to-end tests in their own container',
  async play({ project }) {
    const output = await project.runTests(DEADLINE_MS);
    return stripVTControlCharacters(output).trim().split('\n').at(-1);
  },
};
