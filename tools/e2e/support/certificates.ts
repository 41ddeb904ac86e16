import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../stack/run-command.js';
import type { StackTls } from '../../stack/stack-security.js';

const OPENSSL_DEADLINE_MS = 60_000;
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const VALID = ['-days', '2'];

const CONFIGURATION = `
[req]
prompt = no
distinguished_name = name
[name]
CN = txmsg test
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
subjectAltName = DNS:localhost, IP:127.0.0.1
`;

/** Makes, below `directory`, an authority and with it a server's certificate for this machine; for two days. */
export async function makeCertificates(directory: string): Promise<StackTls & { authorityFile: string }> {
  mkdirSync(directory, { recursive: true });
  const file = (name: string): string => join(directory, name);
  const configuration = file('openssl.cnf');
  writeFileSync(configuration, CONFIGURATION);
  const authority = { key: file('ca.key'), certificate: file('ca.pem') };
  const server = { key: file('server.key'), request: file('server.csr'), certificate: file('server.pem') };
  await openssl(
    ...['req', '-x509', ...EC_KEY, ...VALID, '-config', configuration, '-extensions', 'authority'],
    ...['-keyout', authority.key, '-out', authority.certificate],
  );
  await openssl('req', ...EC_KEY, '-config', configuration, '-keyout', server.key, '-out', server.request);
  await openssl(
    ...['x509', '-req', ...VALID, '-in', server.request, '-out', server.certificate],
    ...['-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial'],
    ...['-extfile', configuration, '-extensions', 'server'],
  );
  return {
    certificateFile: server.certificate,
    keyFile: server.key,
    authorityFile: authority.certificate,
    authorities: readFileSync(authority.certificate, 'utf8'),
  };
}

async function openssl(...parameters: readonly string[]): Promise<void> {
  const { exitCode, output } = await runCommand('openssl', parameters, { deadlineMs: OPENSSL_DEADLINE_MS });
  if (exitCode !== 0) throw new Error(`openssl ${parameters[0] ?? ''} failed: ${output}`);
}
