const PAUSES_MAX = 50;
const PAUSE_MAX_MS = 604_800_000;

/** The pauses between questions, in their order. */
export const askLadder = {
  text: `1 to ${PAUSES_MAX} whole numbers of ms from 1 to ${PAUSE_MAX_MS}, with commas between them`,
  read: (text: string): readonly number[] | undefined => {
    const pauses = text.split(',').map((pause) => (/^ *\d{1,9} *$/.test(pause) ? Number(pause) : 0));
    const isLadder = pauses.length <= PAUSES_MAX && pauses.every((ms) => ms >= 1 && ms <= PAUSE_MAX_MS);
    return isLadder ? pauses : undefined;
  },
};
