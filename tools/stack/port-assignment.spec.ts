import { beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { assignPorts, wantedPortsOf, type PortRequest } from './port-assignment.js';
import { DEFAULT_PORTS, type StackPorts } from './ports.js';

const had: StackPorts = {
  mysql: 26_301,
  namesrv: 26_302,
  broker: 26_311,
  proxy: 26_321,
  proxyRemoting: 26_322,
  seata: 26_331,
  seataConsole: 26_332,
};

async function withListener(work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** The ports of a server that is not among those of the request stay what was wished for. */
const notRun = { seata: DEFAULT_PORTS.seata, seataConsole: DEFAULT_PORTS.seataConsole };
const lines: string[] = [];
const all = new Set(['mysql', 'namesrv', 'broker'] as const);
const request: PortRequest = {
  wishes: DEFAULT_PORTS,
  remembered: { ports: had, wishes: DEFAULT_PORTS },
  servers: all,
  running: new Set(),
  onProgress: (line) => lines.push(line),
};

beforeEach(() => {
  lines.length = 0;
});

describe('assignPorts', () => {
  it('keeps the ports that the stack had before, also when others had been wished for', async () => {
    await expect(assignPorts(request)).resolves.toEqual({ ...had, ...notRun });
    expect(lines).toEqual([]);
  });

  it('follows a wish that is new', async () => {
    const wishes = { ...DEFAULT_PORTS, mysql: 26_399 };
    await expect(assignPorts({ ...request, wishes })).resolves.toEqual({ ...had, ...notRun, mysql: 26_399 });
  });

  it('says so when another program has taken a port meanwhile', () =>
    withListener(async (taken) => {
      const remembered = { ports: { ...had, mysql: taken }, wishes: DEFAULT_PORTS };
      const ports = await assignPorts({ ...request, remembered });
      expect(ports.mysql).not.toBe(taken);
      expect(lines).toEqual([`Port ${taken} is already in use; mysql gets ${ports.mysql} instead.`]);
    }));

  it('does not ask whether a port is free on which its own server runs', () =>
    withListener(async (own) => {
      const remembered = { ports: { ...had, mysql: own }, wishes: DEFAULT_PORTS };
      const ports = await assignPorts({ ...request, remembered, running: new Set(['mysql']) });
      expect(ports.mysql).toBe(own);
    }));

  it('needs no port for a server that others run', () =>
    withListener(async (taken) => {
      const wishes = { ...DEFAULT_PORTS, mysql: taken };
      const ports = await assignPorts({ ...request, wishes, servers: new Set(['namesrv', 'broker']) });
      expect(ports.mysql).toBe(taken);
      expect(lines).toEqual([]);
    }));
});

describe('the coordinator', () => {
  const servers = new Set(['seata'] as const);

  it('has the ports that it had, when it is asked for again', async () => {
    const { seata, seataConsole } = await assignPorts({ ...request, servers });
    expect({ seata, seataConsole }).toEqual({ seata: had.seata, seataConsole: had.seataConsole });
  });
});

describe('wantedPortsOf', () => {
  it('reads STACK_*_PORT', () => {
    expect(wantedPortsOf({ STACK_MYSQL_PORT: '3307', STACK_PROXY_PORT: '' })).toEqual({ mysql: 3307 });
  });

  it('refuses what is no port', () => {
    expect(() => wantedPortsOf({ STACK_MYSQL_PORT: 'mysql' })).toThrow(/STACK_MYSQL_PORT is "mysql"/);
  });
});
