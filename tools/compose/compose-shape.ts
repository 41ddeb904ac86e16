import type { Bank } from '@txmsg/contracts';

/** One of the ways in which docker-compose.yml can be brought up. */
export interface ComposeShape {
  readonly title: string;
  /** Compose files to go with docker-compose.yml. */
  readonly files: readonly string[];
  /** Whether callers reach the banks through the load balancer. */
  readonly isBalanced: boolean;
  readonly instances: Readonly<Partial<Record<Bank, number>>>;
}

export const SINGLE: ComposeShape = {
  title: 'one of everything',
  files: [],
  isBalanced: false,
  instances: {},
};

export const CLUSTER: ComposeShape = {
  title: 'two brokers, two instances of bank1 and three of bank2 behind the load balancer',
  files: ['docker-compose.replicated.yml'],
  isBalanced: true,
  instances: { bank1: 2, bank2: 3 },
};
