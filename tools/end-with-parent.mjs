// Preloaded (`node --import`) into programs that must not outlive the one that started them: a SIGKILL leaves
// the parent no time to stop its children, so they look for themselves. `process.ppid` changes when it is gone.
import { clearInterval, setInterval } from 'node:timers';

const parent = Number(process.env.TXMSG_PARENT_PID);
// Not for this program's own children.
delete process.env.TXMSG_PARENT_PID;

const POLL_MS = 500;

if (parent) {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, POLL_MS);
  timer.unref();
}
