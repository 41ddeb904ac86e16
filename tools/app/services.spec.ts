import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mysqlUrlVariable, serviceWithSuffix, SERVICES, variablePrefix } from '@txmsg/contracts';
import { loadSettings, MessagingSettings, type ServiceSettings } from '@txmsg/service';
import { scriptTexts } from '@txmsg/service/provisioning';
import type { NameOptions } from 'txmsg';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { SETTINGS_CLASSES } from './settings-classes.js';

const ENVIRONMENT = {
  MYSQL_URL: 'mysql://u:p@localhost/d',
  ROCKETMQ_ENDPOINTS: 'localhost:1',
  SEATA_SERVER: 'localhost:2',
  IDENTITY_URL: 'http://localhost:3',
};

describe('the list of services', () => {
  it('has every folder of apps/, and no other', () => {
    const folders = readdirSync(join(repositoryDirectory, 'apps'));
    expect(SERVICES.map(({ name }) => name).sort()).toEqual(folders.sort());
  });

  it('gives each a port and a database of its own', () => {
    expect(new Set(SERVICES.map(({ port }) => port)).size).toBe(SERVICES.length);
    expect(new Set(SERVICES.map(({ database }) => database)).size).toBe(SERVICES.length);
  });

  it('has a sender for every topic that is received', () => {
    const sent = SERVICES.flatMap(({ publishes }) => publishes.map(({ topic }) => topic));
    const received = SERVICES.flatMap(({ consumes }) => consumes.map(({ topic }) => topic));
    expect(received.filter((topic) => !sent.includes(topic))).toEqual([]);
  });

  it('makes variables of names', () => {
    const { scripts } = JSON.parse(readFileSync(join(repositoryDirectory, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts.bank1).toBe(`${scripts.app ?? ''} bank1`);
    expect(mysqlUrlVariable('bank1')).toBe('BANK1_MYSQL_URL');
    expect(variablePrefix('seata-bank1')).toBe('SEATA_BANK1');
  });
});

/** A service without messages has none. */
function namesOf(settings: ServiceSettings): NameOptions {
  return settings instanceof MessagingSettings ? settings.names : {};
}

describe.each(SERVICES)('$name', (service) => {
  const { name, port, prefix, database } = service;
  const settings = loadSettings(SETTINGS_CLASSES[name], ENVIRONMENT);

  it('listens where the list says', () => {
    expect(settings).toMatchObject({ port, serviceName: prefix });
  });

  it.each(['', '_of-staging'])(
    'has the topics and groups that the list says, and the suffix "%s"',
    (suffix) => {
      const suffixed = loadSettings(SETTINGS_CLASSES[name], { ...ENVIRONMENT, NAME_SUFFIX: suffix });
      const { topics = {}, producerGroups = {}, consumerGroups = {} } = namesOf(suffixed);
      const listed = serviceWithSuffix(service, suffix);
      const topicsOf = [...listed.publishes, ...listed.consumes].map(({ topic }) => topic);
      expect(Object.values(topics).sort()).toEqual([...new Set(topicsOf)].sort());
      expect(Object.values(producerGroups).sort()).toEqual([...listed.producerGroups].sort());
      expect(Object.values(consumerGroups).sort()).toEqual(listed.consumes.map(({ group }) => group).sort());
    },
  );

  it('publishes from its outbox what the list says', () => {
    const published = service.publishes.flatMap(({ topic, type }) => (type === 'NORMAL' ? [topic] : []));
    expect(settings instanceof MessagingSettings ? settings.outboxTopics : []).toEqual(published);
  });

  it('has a script that makes the database that the list says', () => {
    expect(scriptTexts(name)[0]).toContain(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
  });
});
