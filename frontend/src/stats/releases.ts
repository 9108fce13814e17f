/**
 * What browsers felt, by the release of the client they run. Few releases are told
 * apart: those that most told of. The others are one, without a name.
 */
import type { ReleaseSample } from '../protocol';
import { added, type Buckets } from './buckets';
import type { Column } from './moment';

type Releases = readonly ReleaseSample[];

export interface FeltRelease extends ReleaseSample {
  /** When it was first heard of in this time, in seconds; nothing if it was there before. */
  readonly since: number | undefined;
}

const TOLD_APART = 4;

/** It is worse than this for a quarter of those who told, as Web Vitals are judged. */
export const FELT_SHARE = 0.75;

/** Of several nodes or times. */
export function releasesTogether(parts: readonly Releases[]): ReleaseSample[] {
  const known = new Map<string, ReleaseSample>();
  for (const told of parts.flat()) put(known, told);
  const most = [...known.values()].filter(isNamed).sort((a, b) => b.sessions - a.sessions);
  for (const other of most.slice(TOLD_APART)) {
    known.delete(other.release);
    put(known, { ...other, release: '' });
  }
  return [...known.values()];
}

/** The releases of a time, the newest first; those without a name come last. */
export function releasesIn({ times, moments }: Column): FeltRelease[] {
  const told = moments.map((moment) => moment?.felt.releases ?? []);
  const begun = told.findIndex((releases) => releases.length > 0);
  const since = ({ release }: ReleaseSample) => {
    const place = told.findIndex((releases) => releases.some((one) => one.release === release));
    return place > begun ? times[place] : undefined;
  };
  return releasesTogether(told)
    .map((one) => ({ ...one, since: since(one) }))
    .sort((a, b) => Number(isNamed(b)) - Number(isNamed(a)) || (b.since ?? 0) - (a.since ?? 0));
}

/** What was felt of all releases. */
export const ofAllReleases = (releases: Releases, name: 'lcp' | 'inp'): Buckets =>
  releases.map((one) => one[name]).reduce<Buckets>(added, []);

function put(known: Map<string, ReleaseSample>, told: ReleaseSample): void {
  const before = known.get(told.release);
  known.set(told.release, before ? both(before, told) : told);
}

const both = (one: ReleaseSample, other: ReleaseSample): ReleaseSample => ({
  release: one.release,
  lcp: added(one.lcp, other.lcp),
  inp: added(one.inp, other.inp),
  sessions: one.sessions + other.sessions,
});

const isNamed = ({ release }: ReleaseSample): boolean => release !== '';
