import { describe, expect, it } from '@jest/globals';
import { IDENTIFIER_PATTERN } from '@txmsg/contracts';
import { TX_NO_PATTERN } from 'txmsg';

describe('identifiers in a path', () => {
  it('have the form that the library wants of a txNo', () => {
    expect(IDENTIFIER_PATTERN).toEqual(TX_NO_PATTERN);
  });
});
