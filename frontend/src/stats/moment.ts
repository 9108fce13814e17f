/**
 * What all nodes together did at one time, in what a plot shows: rates a second,
 * states, and buckets from which percentiles are read.
 */
import type { Sample } from '../protocol';
import { added, type Buckets } from './buckets';
import { COUNTED, type Counted, feltTogether, type Vitals } from './sample';
import type { Span } from './zoom';

export interface OfNode {
  readonly nodeId: string;
  readonly sample: Sample;
}

export interface Moment {
  readonly perSecond: Readonly<Record<Counted, number>>;
  readonly websocket: number;
  readonly polling: number;
  readonly waiting: number;
  readonly behind: number;
  readonly delivery: Buckets;
  readonly acknowledgement: Buckets;
  readonly commit: Buckets;
  readonly store: {
    readonly busy: number;
    readonly idle: number;
    readonly max: number;
    readonly bytes?: number;
    /** Free on the disk that they are on. */
    readonly freeBytes?: number;
  };
  readonly felt: Vitals;
  readonly nodes: readonly OfNode[];
}

/** A time nothing is known of is `undefined`, in a list of times as in a plot. */
export type Moments = readonly (Moment | undefined)[];

export function together(nodes: readonly OfNode[]): Moment {
  const samples = nodes.map(({ sample }) => sample);
  const sum = (read: (sample: Sample) => number) => samples.reduce((all, one) => all + read(one), 0);
  const buckets = (read: (sample: Sample) => Buckets) => samples.map(read).reduce(added, []);
  const sizes = samples.flatMap(({ store }) => store.bytes ?? []);
  const free = samples.flatMap(({ store }) => store.freeBytes ?? []);
  return {
    perSecond: rates((name) => sum((one) => one[name] / one.seconds)),
    websocket: sum((one) => one.connections.websocket),
    polling: sum((one) => one.connections.polling),
    waiting: sum((one) => one.waiting),
    behind: sum((one) => one.behind),
    delivery: buckets((one) => one.delivery),
    acknowledgement: buckets((one) => one.acknowledgement),
    commit: buckets((one) => one.commit),
    store: {
      busy: sum((one) => one.store.busy),
      idle: sum((one) => one.store.idle),
      max: sum((one) => one.store.max),
      // Every node has connections of its own, and all have one database.
      ...(sizes.length > 0 && { bytes: Math.max(...sizes) }),
      ...(free.length > 0 && { freeBytes: Math.min(...free) }),
    },
    felt: feltTogether(samples.map(({ vitals }) => vitals)),
    nodes,
  };
}

/** Times and what is known of each. */
export interface Column {
  readonly times: readonly number[];
  readonly moments: Moments;
}

/** A number of a moment ago is good enough, and jumps about less. */
const LATELY_SECONDS = 5;

/** The newest that are known. `moments` are seconds. */
export function lately(moments: Moments): Moment[] {
  return moments.filter((moment) => moment !== undefined).slice(-LATELY_SECONDS);
}

/** What one node did in each of them that it told of. */
export function samplesOf(moments: readonly Moment[], nodeId: string): Sample[] {
  return moments.flatMap((moment) => moment.nodes.find((one) => one.nodeId === nodeId)?.sample ?? []);
}

/** Those within a part of the time. */
export function within({ times, moments }: Column, { from, to }: Span): Column {
  const begin = times.findIndex((time) => time > from);
  const end = times.findLastIndex((time) => time <= to) + 1;
  return { times: times.slice(begin, end), moments: moments.slice(begin, end) };
}

/**
 * Fewer, longer times, each called by its end. Their borders stay where they are
 * while time goes on, so that what is over does not change any more.
 */
export function grouped({ times, moments }: Column, seconds: number): Column {
  const groups = new Map<number, (Moment | undefined)[]>();
  for (const [place, time] of times.entries()) {
    const end = Math.ceil(time / seconds) * seconds;
    const group = groups.get(end) ?? [];
    group.push(moments[place]);
    groups.set(end, group);
  }
  const now = times.at(-1) ?? 0;
  return {
    times: [...groups.keys()].map((end) => Math.min(end, now)),
    moments: [...groups.values()].map(summed),
  };
}

/** Several times as one; what is not known of some of them is left out. */
export function summed(moments: Moments): Moment | undefined {
  const known = moments.filter((moment) => moment !== undefined);
  const last = known.at(-1);
  if (!last) return undefined;
  const sum = (read: (moment: Moment) => number) => known.reduce((all, one) => all + read(one), 0);
  const buckets = (read: (moment: Moment) => Buckets) => known.map(read).reduce(added, []);
  return {
    ...last,
    perSecond: rates((name) => sum((one) => one.perSecond[name]) / known.length),
    waiting: Math.max(...known.map((one) => one.waiting)),
    delivery: buckets((one) => one.delivery),
    acknowledgement: buckets((one) => one.acknowledgement),
    commit: buckets((one) => one.commit),
    store: known.findLast((one) => one.store.bytes !== undefined)?.store ?? last.store,
    felt: feltTogether(known.map(({ felt }) => felt)),
  };
}

export const connectionsOf = ({ websocket, polling }: Moment): number => websocket + polling;

/** Of all that was sent, the share of which nobody can say that it was stored. */
export function errorShare({ perSecond: { messages, failed } }: Moment): number | null {
  return messages + failed > 0 ? failed / (messages + failed) : null;
}

function rates(rate: (name: Counted) => number): Record<Counted, number> {
  return Object.fromEntries(COUNTED.map((name) => [name, rate(name)])) as Record<Counted, number>;
}
