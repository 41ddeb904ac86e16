// Preloaded (NODE_OPTIONS="--import …") into the banks that `npm run bench -- profile` measures, because
// `--cpu-prof` is not allowed in NODE_OPTIONS. The first SIGURG starts V8's profiler, so that the start of the
// bank is not in the profile; the second one, or the end of the process, writes it. It is SIGURG because Nest takes
// SIGUSR2 for a request to end, and Node keeps SIGUSR1 for its own inspector.
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const INTERVAL_US = 500;

if (isMainThread) {
  const file = join(process.env.TXMSG_PROFILE_DIRECTORY, `${process.pid}.cpuprofile`);
  let session;
  const start = () => {
    session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    session.post('Profiler.start');
  };
  // The profiler answers before `post` returns, so this works while the process exits, too.
  const stop = () => {
    session?.post('Profiler.stop', (error, result) => {
      if (error) throw error;
      // Whoever waits for the file finds a whole one.
      writeFileSync(`${file}.part`, JSON.stringify(result.profile));
      renameSync(`${file}.part`, file);
    });
    session = undefined;
  };
  process.on('SIGURG', () => (session ? stop() : start()));
  process.on('exit', stop);
}
