const PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BYTES_MIN = 24;
const BYTES_MAX = 64;
const SECRETS_MAX = 2;

/** Secrets as the Standard Webhooks specification writes them: one, or two while one takes the place of the other. */
export const webhookSecrets = {
  text: `"${PREFIX}" and ${BYTES_MIN} to ${BYTES_MAX} bytes in base64; two, with a comma between them, while they rotate`,
  read: (text: string): readonly string[] | undefined => {
    const secrets = text.split(',').map((secret) => secret.trim());
    return secrets.length <= SECRETS_MAX && secrets.every(isSecret) ? secrets : undefined;
  },
};

function isSecret(text: string): boolean {
  const key = text.slice(PREFIX.length);
  if (!text.startsWith(PREFIX) || !BASE64.test(key)) return false;
  const bytes = Buffer.from(key, 'base64').length;
  return bytes >= BYTES_MIN && bytes <= BYTES_MAX;
}
