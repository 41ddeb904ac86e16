import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mysqlUrlVariable, SERVICES, variablePrefix, type ServiceName } from '@txmsg/contracts';
import { loadSettings, type ServiceSettings } from '@txmsg/service';
import { scriptTexts } from '@txmsg/service/provisioning';
import { Bank1Settings } from '../../apps/bank1/src/bank1-settings.js';
import { Bank2Settings } from '../../apps/bank2/src/bank2-settings.js';
import { repositoryDirectory } from '../stack/stack-paths.js';

const SETTINGS: Readonly<Record<ServiceName, new () => ServiceSettings>> = {
  bank1: Bank1Settings,
  bank2: Bank2Settings,
};
const ENVIRONMENT = { MYSQL_URL: 'mysql://u:p@localhost/d', ROCKETMQ_ENDPOINTS: 'localhost:1' };

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
    expect(variablePrefix('seata-bank1' as ServiceName)).toBe('SEATA_BANK1');
  });
});

describe.each(SERVICES)('$name', ({ name, port, prefix, database, producerGroups, consumes }) => {
  const settings = loadSettings(SETTINGS[name], ENVIRONMENT);

  it('listens where the list says', () => {
    expect(settings).toMatchObject({ port, serviceName: prefix });
  });

  it('has the groups that the list says', () => {
    const { producerGroups: senders = {}, consumerGroups: receivers = {} } = settings.names;
    expect(Object.values(senders).sort()).toEqual([...producerGroups].sort());
    expect(Object.values(receivers).sort()).toEqual(consumes.map(({ group }) => group).sort());
  });

  it('has a script that makes the database that the list says', () => {
    expect(scriptTexts(name)[0]).toContain(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
  });
});
