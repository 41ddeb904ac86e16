import { getHeapStatistics } from 'node:v8';
import type { MessageLimits } from './message-limits.js';

/** Measured with lossless-json 4.3.3 and class-transformer 0.5.1: for each byte of a string, and for each value. */
const HEAP_PER_BYTE = 36;
const HEAP_PER_VALUE = 1000;

/** A listener, which reads up to `concurrency` messages at the same time, and holds one batch more than that. */
export interface MessageReaders {
  readonly consumerGroup: string;
  readonly concurrency: number;
  readonly batchSizeMax: number;
  readonly limits: MessageLimits;
}

/** The most heap that reading one message takes, in bytes. */
export function readingCost({ bodyBytesMax, valuesMax }: MessageLimits): number {
  return HEAP_PER_BYTE * bodyBytesMax + HEAP_PER_VALUE * valuesMax;
}

function costOf({ concurrency, batchSizeMax, limits }: MessageReaders): number {
  return concurrency * readingCost(limits) + (concurrency + 1) * batchSizeMax * limits.bodyBytesMax;
}

/** A warning when messages within the limits could take more than half of the heap; else undefined. */
export function whyTooLittleHeap(
  readers: readonly MessageReaders[],
  heapBytes = getHeapStatistics().heap_size_limit,
): string | undefined {
  const sum = readers.reduce((total, reader) => total + costOf(reader), 0);
  if (sum <= heapBytes / 2) return undefined;
  const groups = readers.map(({ consumerGroup }) => consumerGroup).join(', ');
  return (
    `Reading and holding the largest messages that messageLimits allow may take ${megabytes(sum)} of the heap's ` +
    `${megabytes(heapBytes)} (${groups}). Lower concurrency, batchSizeMax or the limits, or give the process more memory ` +
    '(--max-old-space-size; in a container its memory limit).'
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
