import { SIDE_NAMES } from './patterns/side-names.js';

/** What the command line understands; parsed in bench-options.ts. */
export const USAGE = `npm run bench -- transfer [--peer DIR] [--accounts many|hot|both] [--callers 1,16,64,256] [--pairs 5]
                         [--seconds 10] [--warm-up 30000] [--json FILE] [--set NAME=VALUE …]
npm run bench -- profile [--callers 64] [--seconds 10] [--warm-up 30000] [--out DIR] [--set NAME=VALUE …]
npm run bench -- soak [--minutes 30] [--callers 64] [--warm-up 30000] [--out DIR] [--set NAME=VALUE …]
npm run bench -- patterns [--callers 1,32] [--seconds 10] [--pairs 3] [--warm-up 3000] [--only tcc,at] [--set NAME=VALUE …]
npm run bench -- growth [--rows 0,100000,2000000] [--pool MB] [--callers 64] [--seconds 10] [--pairs 5]
                        [--warm-up 30000] [--json FILE] [--set NAME=VALUE …]
npm run bench -- telemetry [--callers 64] [--seconds 10] [--pairs 10] [--warm-up 30000] [--set NAME=VALUE …]
npm run bench -- limits [--seconds 10] [--json FILE]
npm run bench -- notification [--fan-out 5] [--seconds 30] [--pairs 3] [--warm-up 1000] [--json FILE]
npm run bench -- purge

  transfer    transfers in a closed loop: speed, delay, and what they cost
    --peer       a folder with the Java original: it is built, started beside our banks, and measured in turn
    --accounts   one hot account, many of them, or both, each in runs of their own; default: both
    --callers    how many at once, each number in runs of its own; default: 1,64
    --pairs      runs of each side in each cell; default: 5
    --seconds    how long each run makes transfers; default: 10
    --warm-up    transfers of each side before the first run, for at most two minutes; default: 30000
    --json       a file that gets every run as JSON
    --set        a setting for our banks, beside those that they have by themselves; may be repeated. Here they
                 speak remoting by themselves; the official client is ROCKETMQ_TRANSPORT=grpc
  profile     where the banks' CPU time goes under load: a flame graph and tables of each
    --callers    how many at once; default: 64
    --seconds    how long the load lasts; default: 10
    --out        the folder for the flame graphs (SVG) and profiles; default: .stack/bench-profile
  soak        transfers at 70 % of the maximum, at a steady rate: memory, latency and lag over time
    --minutes    how long the load lasts; default: 30
    --callers    requests under way at most; default: 64
    --out        the folder for the charts (SVG) and samples; default: .stack/bench-soak
  patterns    the same transfer by message, TCC and AT as whole banks; by message, outbox and XA as the smallest services
    --callers    how many at once, each number in runs of its own; default: 1,32
    --pairs      runs of each; default: 3
    --warm-up    transfers before each run, because the services start anew; default: 3000
    --only       some of ${SIDE_NAMES.join(', ')}; default: all
  growth      the banks with so many rows in every table from the beginning, each compared with the first
    --rows       how many, each number in databases of its own; default: 0,100000,2000000
    --pool       MySQL's buffer pool in MB, which it rounds up to a multiple of 128; default: 256
    --pairs      runs of each, in turn; default: 5
    --json       a file that gets every run as JSON
  telemetry   the banks without an SDK, with metrics, and with traces; then the library's spans and metrics alone
    --pairs      runs of each, in turn; default: 10
  limits      what MySQL and RocketMQ can do at most, without banks: local transactions, half messages, receiving
    --seconds    how long each is measured, after a third of that to warm up; default: 10
    --json       a file that gets the figures as JSON
  notification  what 70 subscribers of webhooks notice of 30 dead ones beside them, at 50 messages a second
    --fan-out    how many of the subscribers each message is told to, a divisor of 100; default: 5
    --seconds    how long each run sends messages; default: 30
    --pairs      runs without the dead and with them, in turn; default: 3
    --warm-up    messages before the first run; default: 1000
    --json       a file that gets every run as JSON
  purge       what transfers notice of the purge of old rows`;
