export { coordinatorPlace, type ChannelSettings } from './channel-settings.js';
export { BackOff } from './back-off.js';
export { CoordinatorChannel, type ChannelRole, type Registration } from './coordinator.channel.js';
export { CoordinatorChannels, type ResourceManagerPort } from './coordinator.channels.js';
export type { Liveness, RequestHandler } from './coordinator.connection.js';
