import { randomBytes } from 'node:crypto';
import { serviceNamed, type ServiceName } from '@txmsg/contracts';

/** Known to whoever calls the services, and different in every run. */
export interface ChaosSecrets {
  /** What every service's ADMIN_TOKEN is. */
  readonly adminToken: string;
  /** By which user knows webhooks about custody's results. */
  readonly custodyWebhookSecret: string;
  /** Under which notifier stores secrets: production refuses the one of development. */
  readonly webhookSecretKey: string;
}

/** A service that asks another one, and the setting that says where that is. */
export interface Asked {
  readonly setting: string;
  readonly service: ServiceName;
}

/** How long a subscriber may take: receivers that misbehave are later on purpose. */
export const WEBHOOK_CALL_TIMEOUT_MS = 2000;

const ASKED: Readonly<Partial<Record<ServiceName, readonly Asked[]>>> = {
  bank1: [
    { setting: 'BANK2_URL', service: 'bank2' },
    { setting: 'PAY_URL', service: 'pay' },
  ],
  order: [{ setting: 'STOCK_URL', service: 'stock' }],
  trading: [{ setting: 'REPAYMENT_URL', service: 'repayment' }],
  repayment: [{ setting: 'TRADING_URL', service: 'trading' }],
  user: [
    { setting: 'CUSTODY_URL', service: 'custody' },
    { setting: 'IDENTITY_URL', service: 'identity' },
  ],
  'seata-bank1': [{ setting: 'BANK2_URL', service: 'seata-bank2' }],
};

export function newSecrets(): ChaosSecrets {
  return {
    adminToken: randomBytes(18).toString('base64url'),
    custodyWebhookSecret: newWebhookSecret(),
    webhookSecretKey: randomBytes(32).toString('base64'),
  };
}

/** As the Standard Webhooks specification writes them. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Whom this service asks, among those that run. */
export function askedBy(service: ServiceName, running: readonly ServiceName[]): readonly Asked[] {
  return (ASKED[service] ?? []).filter((asked) => running.includes(asked.service));
}

/** Whether a service takes part in two-phase commits, or begins them by asking one that does. */
export function needsCoordinator(service: ServiceName, running: readonly ServiceName[]): boolean {
  const all = [service, ...askedBy(service, running).map((asked) => asked.service)];
  return all.some((name) => serviceNamed(name).usesSeata);
}

/** Longer than a transfer takes on a busy machine, so that what is open after it was left by a fault. */
const TWO_PHASE = { GLOBAL_TIMEOUT_MS: '10000' };

/** What a service is told beside what all are told. Everything that takes minutes by default takes seconds here. */
const OWN: Readonly<
  Partial<Record<ServiceName, (secrets: ChaosSecrets) => Readonly<Record<string, string>>>>
> = {
  bank1: () => ({ TOP_UP_LADDER_MS: '3000,3000,5000,5000,10000,10000,20000,20000' }),
  user: ({ custodyWebhookSecret }) => ({
    ...TWO_PHASE,
    REGISTRATION_END_INTERVAL_MS: '1000',
    CUSTODY_ASK_LADDER_MS: '3000,5000,10000',
    CUSTODY_WEBHOOK_SECRETS: custodyWebhookSecret,
  }),
  'seata-bank1': () => ({ ...TWO_PHASE, TRANSFER_END_INTERVAL_MS: '1000' }),
  'seata-bank2': () => TWO_PHASE,
  // Registrations are many here, and their passwords nobody's.
  identity: () => ({ ...TWO_PHASE, PASSWORD_HASH_COST: '1' }),
  notifier: ({ webhookSecretKey }) => ({
    WEBHOOK_SECRET_KEYS: webhookSecretKey,
    CALL_TIMEOUT_MS: String(WEBHOOK_CALL_TIMEOUT_MS),
    BREAKER_PAUSE_MS: '1000',
  }),
};

export function ownSettings(service: ServiceName, secrets: ChaosSecrets): Readonly<Record<string, string>> {
  return OWN[service]?.(secrets) ?? {};
}
