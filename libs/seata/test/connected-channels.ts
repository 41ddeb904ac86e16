import { Deadline } from 'txmsg';
import { CoordinatorChannels, type ResourceManagerPort } from '../src/channel/index.js';
import type { FakeCoordinator } from './fake-coordinator.js';

/** Both connections to a fake coordinator, registered. */
export async function connectedChannels(
  coordinator: FakeCoordinator,
  resourceManager: ResourceManagerPort,
): Promise<CoordinatorChannels> {
  const settings = {
    ...{ server: coordinator.address, applicationId: 'app', txServiceGroup: 'group' },
    ...{ callTimeoutMs: 1000, reconnectMinMs: 10, reconnectMaxMs: 50, callsMax: 100 },
  };
  const channels = new CoordinatorChannels(settings, resourceManager);
  channels.start();
  await channels.ready(Deadline.in(5000));
  return channels;
}
