import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mysqlDataSourceOptions } from './mysql-data-source-options.js';
import { MysqlUrlError, mysqlPlace, parseMysqlUrl } from './mysql-url.js';

const problemOf = (url: string): string => {
  try {
    parseMysqlUrl(url);
  } catch (error) {
    if (error instanceof MysqlUrlError) return error.problem;
    throw error;
  }
  return 'none';
};
const withSsl = (ssl: string, host = 'db.example'): string =>
  `mysql://u:p@${host}/data?ssl=${encodeURIComponent(ssl)}`;

describe('parseMysqlUrl', () => {
  it('reads every part, decoded', () => {
    expect(parseMysqlUrl('mysql://us%40er:p%3Ass%25@db.example:3307/my%2Ddb')).toEqual({
      host: 'db.example',
      port: 3307,
      user: 'us@er',
      password: 'p:ss%',
      database: 'my-db',
    });
  });

  it('leaves out what is not there, and knows the port', () => {
    expect(parseMysqlUrl('mysql://root@localhost')).toEqual({ host: 'localhost', port: 3306, user: 'root' });
  });

  it.each([
    ['[::1]', '::1'],
    ['[::ffff:127.0.0.1]', '::ffff:7f00:1'],
  ])('knows the IPv6 host %s', (inUrl, host) => {
    const server = parseMysqlUrl(`mysql://u:p@${inUrl}:3306/data`);
    expect(server.host).toBe(host);
    expect(mysqlPlace(server)).toBe(`[${host}]:3306/data`);
  });

  it.each([
    ['true', { rejectUnauthorized: true, verifyIdentity: true }],
    ['{"rejectUnauthorized":false}', { rejectUnauthorized: false, verifyIdentity: true }],
    ['{"ca":"PEM","verifyIdentity":false}', { ca: 'PEM', rejectUnauthorized: true, verifyIdentity: false }],
  ])('reads ssl=%s', (ssl, expected) => {
    expect(parseMysqlUrl(withSsl(ssl)).ssl).toEqual(expected);
  });

  it('compares no names where the host is an address, and speaks plain text for ssl=false', () => {
    expect(parseMysqlUrl(withSsl('true', '127.0.0.1')).ssl?.verifyIdentity).toBe(false);
    expect(parseMysqlUrl(withSsl('true', '[::1]')).ssl?.verifyIdentity).toBe(false);
    expect(parseMysqlUrl(withSsl('false')).ssl).toBeUndefined();
  });

  it('reads the authorities from the file of ssl-ca', () => {
    const directory = mkdtempSync(join(tmpdir(), 'txmsg-mysql-url-'));
    try {
      const path = join(directory, 'ca@home.pem');
      writeFileSync(path, 'PEM');
      expect(parseMysqlUrl(`mysql://u:p@db/data?ssl-ca=${path}`).ssl).toMatchObject({
        ca: 'PEM',
        rejectUnauthorized: true,
      });
      expect(problemOf(`mysql://u:p@db/data?ssl=false&ssl-ca=${path}`)).toContain('ssl=false');
      expect(problemOf(`mysql://u:p@db/data?ssl-ca=${path}x`)).toMatch(/cannot be read \(ENOENT\)/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it.each([
    ['mysql://u:hush@h/data?sslmode=REQUIRED', 'has the parameter "sslmode", which is not understood'],
    ['mysql://u:hush@h/data?timezone=local', 'has the parameter "timezone"'],
    ['mysql://u:hush@h/data?ssl=true&ssl=false', 'has the parameter "ssl" twice'],
    [withSsl('REQUIRED'), 'neither true nor false nor a JSON object'],
    [withSsl('[]'), 'neither true nor false nor a JSON object'],
    [withSsl('{"rejectUnauthorised":false}'), 'the option "rejectUnauthorised", which is not understood'],
    [withSsl('{"rejectUnauthorized":"no"}'), 'neither true nor false'],
    [withSsl('{"ca":5}'), 'is no text'],
    ['postgres://u:hush@h/data', 'does not begin with mysql://'],
    ['mysql://u:hush@h/a/b', 'more than the name of a database'],
    ['mysql://u:hush@h/data#x', 'contains "#"'],
    ['mysql://u:100%@h/data', '"%" that begins no code'],
    ['mysql://u:hush@h:0/data', 'names port 0'],
    ['hush', 'cannot be parsed'],
    ['mysql://root:/hush@h', 'has "@" behind its host'],
    ['mysql://root:?hush@h/data', 'has "@" behind its host'],
    ['mysql://root:1?hush=2@h/data', 'has "@" behind its host'],
    ['mysql://root:#hush@h/data', 'has "@" behind its host'],
    ['mysql://u:p@x/hush@h', 'has "@" behind its host'],
  ])('refuses %s in a sentence that names what it is', (url, problem) => {
    expect(problemOf(url)).toContain(problem);
    expect(new MysqlUrlError(problemOf(url)).message).not.toContain('hush');
  });
});

describe('mysqlDataSourceOptions', () => {
  it('gives TypeORM every part as a field of its own: its reader of URLs drops TLS and breaks IPv6', () => {
    const ssl = encodeURIComponent('{"rejectUnauthorized":false}');
    const options = mysqlDataSourceOptions(`mysql://u%40:p@[::1]:3307/my%2Ddb?ssl=${ssl}`);
    expect(options).toMatchObject({
      host: '::1',
      port: 3307,
      username: 'u@',
      password: 'p',
      database: 'my-db',
      ssl: { rejectUnauthorized: false },
    });
    expect(options.url).toBeUndefined();
  });
});
