import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { BidsRequest } from './project.request.js';

const BID = { investorNo: '1', amount: '500.00' };

function wrongFields(bids: unknown): string[] {
  const request = plainToInstance(BidsRequest, { by: 'alice', bids });
  return validateSync(request, { whitelist: true, stopAtFirstError: true }).map(({ property }) => property);
}

describe('bids', () => {
  it('are a list of them', () => {
    expect(wrongFields([BID, { ...BID, investorNo: '2' }])).toEqual([]);
  });

  it.each([[[[]]], [[[BID]]], [[BID, []]], [[null]], [[1]], [BID], ['x'], [[]], [undefined], [[BID, BID]]])(
    'are not %j',
    (bids) => {
      expect(wrongFields(bids)).toEqual(['bids']);
    },
  );
});
