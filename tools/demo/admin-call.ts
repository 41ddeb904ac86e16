import type { FaultRule } from 'txmsg/faults';
import { postJson, type Answer } from '../../e2e/kit/http.js';
import { StackError } from '../stack/stack-error.js';
import type { DemoService } from './demo-service.js';

/** Above every deadline of the services themselves. */
const CALL_DEADLINE_MS = 15_000;

/** Who has the token. */
interface Administrator {
  readonly adminToken: string;
}

/** @throws StackError when it is not done */
export async function postAsAdmin(
  { adminToken }: Administrator,
  { url }: DemoService,
  path: string,
  body: object = {},
): Promise<Answer> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const text = JSON.stringify({ by: 'demo', ...body });
  const answer = await postJson(`${url}/${path}`, text, headers, CALL_DEADLINE_MS);
  if (answer.status >= 300) throw new StackError(`POST ${url}/${path}: ${answer.status} ${answer.text}`);
  return answer;
}

/** From now on this instance meets this fault, and no other. */
export async function meetFault(world: Administrator, service: DemoService, rule: FaultRule): Promise<void> {
  await postAsAdmin(world, service, 'admin/faults', { rules: [rule] });
}
