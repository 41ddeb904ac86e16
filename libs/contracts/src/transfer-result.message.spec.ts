import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { TransferResultMessage } from './transfer-result.message.js';

const contents = { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '100.00' };

function problems(transferResult: unknown): string {
  return validateSync(plainToInstance(TransferResultMessage, { transferResult })).toString();
}

describe('TransferResultMessage', () => {
  it.each([
    { ...contents, outcome: 'CREDITED' },
    { ...contents, outcome: 'CREDITED', reason: null },
    { ...contents, outcome: 'REJECTED', reason: 'ACCOUNT_FROZEN' },
  ])('accepts %j', (result) => {
    expect(problems(result)).toBe('');
  });

  it('refuses an outcome that it does not know', () => {
    expect(problems({ ...contents, outcome: 'MAYBE' })).toContain('outcome');
  });

  it('refuses a result without its contents', () => {
    expect(problems({ outcome: 'CREDITED' })).toContain('amount');
  });
});
