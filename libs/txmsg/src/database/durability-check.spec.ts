import { describe, expect, it } from '@jest/globals';
import { checkDurability, type DurabilityFindings } from './durability-check.js';

function findings(flush: number, logBin: number, syncBinlog: number): Promise<DurabilityFindings> {
  const row = { flush, log_bin: logBin, sync_binlog: syncBinlog };
  const query = <Result>(): Promise<Result> => Promise.resolve([row] as Result);
  return checkDurability({ query });
}

describe('checkDurability', () => {
  it('finds nothing in what MySQL does by default', async () => {
    expect(await findings(1, 1, 1)).toEqual({ problems: [], warnings: [] });
  });

  it.each([0, 2])('refuses innodb_flush_log_at_trx_commit = %s', async (flush) => {
    const { problems } = await findings(flush, 1, 1);
    expect(problems).toEqual([
      expect.stringContaining(`innodb_flush_log_at_trx_commit = ${flush}, so a crash can undo`),
    ]);
  });

  it.each([0, 1000])('refuses a binary log that is flushed less often: sync_binlog = %s', async (sync) => {
    const { problems } = await findings(1, 1, sync);
    expect(problems).toEqual([expect.stringContaining(`sync_binlog = ${sync}, so a crash can undo`)]);
  });

  it('warns where there is no binary log, however it would be flushed', async () => {
    const { problems, warnings } = await findings(1, 0, 0);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('has no binary log')]);
  });
});
