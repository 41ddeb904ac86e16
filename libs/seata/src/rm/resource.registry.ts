import { Injectable } from '@nestjs/common';
import { InvalidArgumentError } from 'txmsg';
import type { BranchResource, BranchType } from './branch.js';

/** What this process can carry out phase two for. */
@Injectable()
export class ResourceRegistry {
  private readonly resources = new Map<string, BranchResource>();
  private announce: () => void = () => undefined;

  /**
   * Adds a resource, also after the start: the coordinator is told again then.
   * @throws InvalidArgumentError when its id is empty, contains a comma, or is registered already
   */
  register(resource: BranchResource): void {
    const { branchType, resourceId } = resource;
    if (resourceId === '' || resourceId.includes(',')) {
      throw new InvalidArgumentError(
        'resourceId',
        resourceId,
        "it must not be empty or contain a comma, which separates ids in Seata's protocol.",
      );
    }
    const key = keyOf(branchType, resourceId);
    if (this.resources.has(key)) {
      throw new InvalidArgumentError(
        'resourceId',
        resourceId,
        `there is a ${branchType} resource of this id already, and each belongs to exactly one place of the service.`,
      );
    }
    this.resources.set(key, resource);
    this.announce();
  }

  /** The resource that serves these branches, if this process has it. */
  find(branchType: BranchType, resourceId: string): BranchResource | undefined {
    return this.resources.get(keyOf(branchType, resourceId));
  }

  /** Every id, once, in the order in which they were registered. */
  get resourceIds(): readonly string[] {
    return [...new Set([...this.resources.values()].map(({ resourceId }) => resourceId))];
  }

  /** @internal The module's own: whenever a resource is added, the coordinator is told by this `announce`, and by no other. */
  onRegistered(announce: () => void): void {
    this.announce = announce;
  }
}

function keyOf(branchType: BranchType, resourceId: string): string {
  return `${branchType} ${resourceId}`;
}
