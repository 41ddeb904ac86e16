import { isServiceName, SERVICES } from '@txmsg/contracts';
import { buildServices } from '../../e2e/kit/service-build.js';
import { serviceEnvironment } from './service-environment.js';
import { ServiceProcess, stopOnSignal } from '../../e2e/kit/service-process.js';
import { exitCodeOf } from '../program.js';
import { LocalStack } from '../stack/local-stack.js';
import { StackError } from '../stack/stack-error.js';

/** `npm run app -- NAME`: one instance of a service in the foreground. */
async function run([service]: readonly string[]): Promise<number> {
  if (!isServiceName(service)) {
    const names = SERVICES.map(({ name }) => name).join(', ');
    throw new StackError(`Usage: npm run app -- NAME, which is one of ${names}; PORT chooses another port.`);
  }
  const stack = new LocalStack();
  const environment = serviceEnvironment(service, stack, process.env);
  if (!process.env.MYSQL_URL && !process.env.MYSQL_URL_FILE) await stack.checkMysql();
  await buildServices([service]);
  const instance = new ServiceProcess(service, environment);
  stopOnSignal([instance]);
  return instance.exitCode;
}

process.exitCode = await exitCodeOf(run);
