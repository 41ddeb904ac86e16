import { jest } from '@jest/globals';

// Real servers and processes that are killed and come back take their time; every wait inside a test has its own deadline.
jest.setTimeout(180_000);
