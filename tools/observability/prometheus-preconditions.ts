import { ensureInstalled, probe, type Requirement } from '../stack/system-packages.js';

/** One package brings both programs. */
const prometheus: Requirement = {
  what: 'Prometheus with promtool (Debian: prometheus)',
  packages: ['prometheus'],
  isMet: async () => {
    const programs = await Promise.all([
      probe('prometheus', ['--version']),
      probe('promtool', ['--version']),
    ]);
    return programs.every(({ exitCode }) => exitCode === 0);
  },
};

/** @throws StackError that names what is missing and cannot be installed */
export function ensurePrometheus(onProgress: (line: string) => void): Promise<void> {
  return ensureInstalled('The test of the alerts', [prometheus], onProgress);
}
