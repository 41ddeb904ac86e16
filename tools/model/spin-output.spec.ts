import { describe, expect, it } from '@jest/globals';
import { parseSearch, parseTrail } from './spin-output.js';

const EXPLORED = `
(Spin Version 6.5.2 -- 6 December 2019)

Full statespace search for:
	never claim         	- (none specified)
	assertion violations	+
	cycle checks       	- (disabled by -DSAFETY)
	invalid end states	+

State-vector 156 byte, depth reached 128763, errors: 0
 10442837 states, stored
2.2972747e+08 states, matched
2.4017031e+08 transitions (= stored+matched)
        5 atomic steps
hash conflicts: 2.1e+08 (resolved)

Stats on memory usage (in Megabytes):
 1752.796	equivalent memory usage for states (stored*(State-vector + overhead))
 1116.894	actual memory usage for states (compression: 63.72%)
  128.000	memory used for hash table (-w24)
 1725.315	total actual memory usage


pan: elapsed time 104 seconds
`;

const VIOLATED = `pan:1: assertion violated (((i<100)&&(outgoing!=27))|| !(8)) (at depth 11)
pan: wrote transfer.pml.trail

(Spin Version 6.5.2 -- 6 December 2019)
Warning: Search not completed
	+ Breadth-First Search

State-vector 108 byte, depth reached 11, errors: 1
       44 states, stored
       89 transitions (= stored+matched)
  128.195	total actual memory usage
`;

describe('parseSearch', () => {
  it('reads a search that has explored everything', () => {
    expect(parseSearch(EXPLORED)).toEqual({
      states: 10442837,
      transitions: 240170310,
      depth: 128763,
      memoryMb: 1725.315,
      errors: 0,
    });
  });

  it('does not call a search incomplete because it ended at an error', () => {
    expect(parseSearch(VIOLATED)).toEqual({
      states: 44,
      transitions: 89,
      depth: 11,
      memoryMb: 128.195,
      errors: 1,
    });
  });

  it.each([
    ['a cut depth', `error: max search depth too small\n${EXPLORED}`, /deeper/],
    ['memory', `pan: reached -DMEMLIM bound\n${EXPLORED}`, /memory/],
    ['an inexact search', `${EXPLORED}\n\t+ Bit statespace search`, /inexact/],
    [
      'a search that says so',
      EXPLORED.replace('\nFull', '\nWarning: Search not completed\n\nFull'),
      /broke off/,
    ],
    ['a killed search', 'Depth=  100 States=    1e+06 Transitions= 2e+07', /broke off: Depth=/],
    ['no output at all', '', /no output/],
  ])('says why not everything was explored: %s', (_what, output, reason) => {
    expect(parseSearch(output).incomplete).toMatch(reason);
  });
});

describe('parseTrail', () => {
  const REPLAY = `attempt 0 sends its half message
check-back of attempt 2; its answer is lost
bank2 consumes message 3, refusing
dead letter 2 is dismissed
bank1 consumes result 1
bank1 consumes result 7, not acknowledged
the world behaves
spin: transfer.pml:619, Error: assertion violated
spin: text of failed assertion: assert((((i<100)&&(outgoing!=DEBITED))||!(everyDebitedTransferEnds)))
spin: trail ends after 12 steps
#processes: 7
 12:	proc  6 (maintenance:1) transfer.pml:722 (state 1045) <valid end state>
`;

  it('gives the steps in the names of the model, and the promise that breaks', () => {
    expect(parseTrail(REPLAY)).toEqual({
      steps: [
        'attempt FIRST sends its half message',
        'check-back of attempt REPUBLISH; its answer is lost',
        "bank2 consumes message FOREIGNER'S, refusing",
        "dead letter CHALLENGER'S is dismissed",
        'bank1 consumes result CREDITED OURS',
        "bank1 consumes result REJECTED FOREIGNER'S, not acknowledged",
        'the world behaves',
      ],
      promise: 'everyDebitedTransferEnds',
    });
  });

  it('names no promise when something else went wrong', () => {
    const replay = 'attempt 0 enters the barrier\nspin: transfer.pml:9, Error: indexing attempt[5]\n';
    expect(parseTrail(replay)).toEqual({ steps: ['attempt FIRST enters the barrier'] });
  });
});
