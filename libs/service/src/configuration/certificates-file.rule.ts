import { X509Certificate } from 'node:crypto';
import { BrokenRule, type SettingRule } from './setting-rules.js';
import { readTextFile } from './text-file.js';

/** Bundles of all well-known authorities have a quarter of this. */
const BYTES_MAX = 1_048_576;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The path of a PEM file; its value is what the file holds. */
export const certificatesFile: SettingRule<Buffer> = {
  text: 'the path of a file of PEM certificates',
  read: (path) => {
    const file = readTextFile(path, BYTES_MAX);
    if ('problem' in file) return new BrokenRule(file.problem);
    const certificates = file.text.match(CERTIFICATE) ?? [];
    if (certificates.length === 0) return new BrokenRule('holds no PEM certificate');
    const broken = certificates.findIndex((certificate) => !isCertificate(certificate));
    if (broken >= 0) return new BrokenRule(`holds a broken certificate (number ${broken + 1})`);
    return Buffer.from(file.text);
  },
};

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
