import { describe, expect, it } from '@jest/globals';
import { Terminal } from './terminal.js';

class Screen {
  text = '';
  readonly columns = 40;

  constructor(readonly isTTY: boolean) {}

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

function write(isTTY: boolean, environment: NodeJS.ProcessEnv): { output: string; progress: string } {
  const output = new Screen(isTTY);
  const progress = new Screen(isTTY);
  const terminal = new Terminal({ output, progress }, environment);
  terminal.progress('Starting MySQL …');
  terminal.line(terminal.paint('green', 'done'));
  terminal.idle();
  return { output: output.text, progress: progress.text };
}

describe('Terminal', () => {
  it('writes plain lines where there is no terminal', () => {
    expect(write(false, {})).toEqual({ output: 'done\n', progress: 'Starting MySQL …\n' });
  });

  it('writes colours and a line that renews itself on a terminal, and takes that line away in the end', () => {
    const { output, progress } = write(true, {});
    expect(output).toBe('\u001b[32mdone\u001b[0m\n');
    expect(progress).toContain('Starting MySQL …');
    expect(progress.endsWith('\r\u001b[2K')).toBe(true);
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('writes no colours with %j', (environment) => {
    expect(write(true, environment).output).toBe('done\n');
  });

  it('takes an empty NO_COLOR for none, as its definition says', () => {
    expect(write(true, { NO_COLOR: '' }).output).toContain('\u001b[32m');
  });

  it('says each step once', () => {
    const progress = new Screen(false);
    const terminal = new Terminal({ output: new Screen(false), progress }, {});
    terminal.progress('Waiting …');
    terminal.progress('Waiting …');
    expect(progress.text).toBe('Waiting …\n');
  });

  it('is silent after the report has ended', () => {
    const output = new Screen(false);
    const terminal = new Terminal({ output, progress: new Screen(false) }, {});
    terminal.endReport();
    terminal.line('too late');
    expect(output.text).toBe('');
  });
});
