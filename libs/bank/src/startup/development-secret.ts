/** That of docker/development/bank-shared-secret, which everybody can read. */
const DEVELOPMENT_SECRET = 'local-development-only';

/** What to tell an operator whose bank runs with the development secret; undefined when that is right or it does not. */
export function developmentSecretWarning(
  bankSharedSecret: string | undefined,
  environment = process.env.NODE_ENV,
): string | undefined {
  const isDevelopment = environment === 'development' || environment === 'test';
  if (bankSharedSecret !== DEVELOPMENT_SECRET || isDevelopment) return undefined;
  return 'BANK_SHARED_SECRET is the development secret, which is public: everybody who knows it can sign answers of bank2, and bank1 refunds by them. Give both banks a secret of your own (openssl rand -base64 32; for compose, BANK_SHARED_SECRET_FILE names its file).';
}
