import { jest } from '@jest/globals';

// Real servers and processes that are killed and come back take their time, and so does a machine that is busy with
// other things; every wait inside a test has its own deadline.
jest.setTimeout(180_000);
