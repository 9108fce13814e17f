/**
 * The six numbers that say how the server is, and when one of them wants somebody.
 *
 * A number that jumps about each second is not read, so rates are those of some
 * seconds and shares those of a minute. The line beneath has every second.
 */
import { percentile } from './buckets';
import { connectionsOf, errorShare, type Moment, type Moments, summed } from './moment';

export type Level = 'calm' | 'warning' | 'alarm';

const FIGURES = ['connections', 'messages', 'deliveries', 'latency', 'errors', 'queue'] as const;

export type FigureName = (typeof FIGURES)[number];

export interface Figure {
  readonly name: FigureName;
  readonly value: number | null;
  readonly level: Level;
  /** Each second of the last minute. */
  readonly line: readonly (number | null)[];
}

const MINUTE = 60;
const FEW_SECONDS = 5;

/** From where on it is a warning, and from where an alarm. */
const LIMITS = {
  /** Milliseconds that one delivery of a hundred takes longer than. */
  latency: [250, 1_000],
  /** Of what was sent, the share that nobody can say was stored. */
  errors: [0.001, 0.01],
  /** Sends that wait for the committer. */
  queue: [200, 2_000],
  /** The share of all connections that was lost within a minute. */
  lost: [0.3, 0.6],
  /** The share of readers that have not read to the end. */
  behind: [0.2, 0.5],
} as const;

/** So few connections come and go without meaning anything. */
const FEW_CONNECTIONS = 10;

/** `moments` are seconds. Nothing that is not known raises an alarm. */
export function figures(moments: Moments): Figure[] {
  const minute = moments.slice(-MINUTE);
  // While a node that left is still waited for, the seconds before that are the news.
  const lately = summed(minute.filter(Boolean).slice(-FEW_SECONDS));
  const whole = summed(minute);
  const line = (read: (moment: Moment) => number | null) =>
    minute.map((moment) => (moment ? read(moment) : null));
  const rate = (name: 'messages' | 'deliveries') => lately?.perSecond[name] ?? null;
  const latency = whole ? percentile(whole.delivery, 0.99) : null;
  const errors = whole ? errorShare(whole) : null;
  const waiting = lately?.waiting ?? null;
  const values: Record<FigureName, Omit<Figure, 'name'>> = {
    connections: {
      value: lately ? connectionsOf(lately) : null,
      level: levelOf(lostShare(minute), LIMITS.lost),
      line: line(connectionsOf),
    },
    messages: { value: rate('messages'), level: 'calm', line: line((one) => one.perSecond.messages) },
    deliveries: {
      value: rate('deliveries'),
      level: levelOf(lately ? behindShare(lately) : null, LIMITS.behind),
      line: line((one) => one.perSecond.deliveries),
    },
    latency: {
      value: latency,
      level: levelOf(latency, LIMITS.latency),
      line: line((one) => percentile(one.delivery, 0.99)),
    },
    errors: { value: errors, level: levelOf(errors, LIMITS.errors), line: line(errorShare) },
    queue: { value: waiting, level: levelOf(waiting, LIMITS.queue), line: line((one) => one.waiting) },
  };
  return FIGURES.map((name) => ({ name, ...values[name] }));
}

export function levelOf(value: number | null, [warning, alarm]: readonly [number, number]): Level {
  if (value === null || value < warning) return 'calm';
  return value < alarm ? 'warning' : 'alarm';
}

/** What is worst of several. */
export function worst(levels: readonly Level[]): Level {
  if (levels.includes('alarm')) return 'alarm';
  return levels.includes('warning') ? 'warning' : 'calm';
}

function lostShare(minute: Moments): number | null {
  const counts = minute.flatMap((moment) => (moment ? connectionsOf(moment) : []));
  const now = counts.at(-1);
  const most = Math.max(...counts);
  if (now === undefined || most < FEW_CONNECTIONS) return null;
  return 1 - now / most;
}

function behindShare(moment: Moment): number | null {
  const connections = connectionsOf(moment);
  return connections < FEW_CONNECTIONS ? null : Math.min(1, moment.behind / connections);
}
