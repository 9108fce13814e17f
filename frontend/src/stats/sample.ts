/** What one node did in one interval, and what it did in two that follow each other. */
import type { Sample } from '../protocol';
import { added, type Buckets } from './buckets';
import { releasesTogether } from './releases';

export type Vitals = Sample['vitals'];

/** What is counted in the course of an interval, and so has a rate. */
export const COUNTED = [
  'opened',
  'ended',
  'received',
  'messages',
  'refused',
  'failed',
  'deliveries',
  'bytes',
  'blocked',
  'hintsDropped',
  'resets',
  'slowClosed',
  'limited',
] as const;

export type Counted = (typeof COUNTED)[number];

/** Counts are added, states are those of the end; of what stands in a queue or came late, the worst is kept. */
export function folded(earlier: Sample, later: Sample): Sample {
  const counts = Object.fromEntries(COUNTED.map((name) => [name, earlier[name] + later[name]]));
  return {
    ...later,
    ...(counts as Record<Counted, number>),
    seconds: earlier.seconds + later.seconds,
    waiting: Math.max(earlier.waiting, later.waiting),
    lagUs: Math.max(earlier.lagUs, later.lagUs),
    cpuMs: sumOf(earlier.cpuMs, later.cpuMs),
    delivery: added(earlier.delivery, later.delivery),
    acknowledgement: added(earlier.acknowledgement, later.acknowledgement),
    commit: added(earlier.commit, later.commit),
    store: {
      ...later.store,
      bytes: later.store.bytes ?? earlier.store.bytes ?? null,
      freeBytes: later.store.freeBytes ?? earlier.store.freeBytes ?? null,
    },
    vitals: feltTogether([earlier.vitals, later.vitals]),
  };
}

/** What browsers told, of several nodes or times. */
export function feltTogether(parts: readonly Vitals[]): Vitals {
  const sum = (read: (part: Vitals) => number) => parts.reduce((all, one) => all + read(one), 0);
  const buckets = (read: (part: Vitals) => Buckets) => parts.map(read).reduce<number[]>(added, []);
  return {
    releases: releasesTogether(parts.map(({ releases }) => releases)),
    ack: buckets((one) => one.ack),
    cls: buckets((one) => one.cls),
    reconnects: sum((one) => one.reconnects),
    failedSends: sum((one) => one.failedSends),
    sessions: sum((one) => one.sessions),
  };
}

/** A part that is not known leaves the whole unknown. */
function sumOf(one: number | null | undefined, other: number | null | undefined): number | null {
  return typeof one === 'number' && typeof other === 'number' ? one + other : null;
}
