import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { developmentSecretWarning } from './development-secret.js';

const published = readFileSync(
  new URL('../../../../docker/development/bank-shared-secret', import.meta.url),
  'utf8',
).trim();

describe('a bank that runs with the published development secret', () => {
  it.each(['production', undefined])('is warned about when NODE_ENV is %s', (environment) => {
    const previous = process.env.NODE_ENV;
    delete process.env.NODE_ENV;
    expect(developmentSecretWarning(published, environment)).toContain('openssl rand -base64 32');
    process.env.NODE_ENV = previous;
  });

  it.each(['development', 'test'])('is not when NODE_ENV is %s', (environment) => {
    expect(developmentSecretWarning(published, environment)).toBeUndefined();
  });

  it('is not when its secret is another one, or it has none', () => {
    expect(developmentSecretWarning('a-secret-of-our-own', 'production')).toBeUndefined();
    expect(developmentSecretWarning(undefined, 'production')).toBeUndefined();
  });
});
