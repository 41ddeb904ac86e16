import { ensureInstalled, probe, type Requirement } from '../stack/system-packages.js';

const spin: Requirement = {
  what: 'Spin (Debian: spin)',
  packages: ['spin'],
  isMet: async () => (await probe('spin', ['-V'])).output.startsWith('Spin Version'),
};

const compiler: Requirement = {
  what: 'a C compiler (gcc)',
  packages: ['gcc'],
  isMet: async () => (await probe('gcc', ['--version'])).exitCode === 0,
};

/** Debian's gcc comes without them. */
const headers: Requirement = {
  what: "the C library's headers (Debian: libc6-dev)",
  packages: ['libc6-dev'],
  isMet: async () => {
    const tried = await probe('gcc', ['-fsyntax-only', '-include', 'stdio.h', '-x', 'c', '/dev/null']);
    return tried.exitCode === 0;
  },
};

/** @throws StackError that names what is missing and cannot be installed */
export function ensureSpin(onProgress: (line: string) => void): Promise<void> {
  return ensureInstalled('The model', [spin, compiler, headers], onProgress);
}
