import { expect, test } from 'vitest';
import { sample } from '../../tests/support/samples';
import type { ReleaseSample } from '../protocol';
import { together } from './moment';
import { ofAllReleases, releasesIn, releasesTogether } from './releases';

const told = (release: string, sessions: number): ReleaseSample => ({
  release,
  lcp: [0, sessions],
  inp: [sessions],
  sessions,
});

const names = (releases: readonly ReleaseSample[]) =>
  releases.map(({ release, sessions }) => `${release || 'others'} ${sessions}`);

const moment = (...releases: ReleaseSample[]) => {
  const plain = sample(1);
  return together([{ nodeId: 'a', sample: { ...plain, vitals: { ...plain.vitals, releases } } }]);
};

test('what several nodes were told of one release is added up', () => {
  const all = releasesTogether([[told('new', 1), told('old', 5)], [told('new', 2)]]);
  expect(all).toEqual([told('new', 3), told('old', 5)]);
  expect(ofAllReleases(all, 'lcp')).toEqual([0, 8]);
  expect(ofAllReleases([], 'inp')).toEqual([]);
});

test('of many releases those that most told of are told apart', () => {
  const all = releasesTogether([
    [told('a', 9), told('b', 1), told('c', 3), told('', 4)],
    [told('d', 4), told('e', 2), told('b', 1), told('f', 1)],
  ]);
  expect(names(all)).toEqual(['a 9', 'b 2', 'c 3', 'others 7', 'd 4']);
});

test('the newest release comes first, and those without a name last', () => {
  const times = [10, 20, 30, 40];
  const moments = [
    moment(told('old', 2), told('', 1)),
    undefined,
    moment(told('new', 1)),
    moment(told('old', 3), told('new', 1)),
  ];
  expect(releasesIn({ times, moments }).map(({ release, since }) => [release, since])).toEqual([
    ['new', 30],
    ['old', undefined],
    ['', undefined],
  ]);
});
