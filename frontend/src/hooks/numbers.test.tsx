import { expect, test } from 'vitest';
import { shownCount, shownShare, shownSize, shownTime } from './numbers';

test('a number is whole while that can be read, and round when it is large', () => {
  expect([0, 3, 8.44, 999, 9_999, 48_200].map(shownCount)).toEqual([
    '0',
    '3',
    '8.4',
    '999',
    '9,999',
    '48.2K',
  ]);
});

test('a time is said in the unit that people would use', () => {
  expect([0.42, 7.31, 227.4, 1_140].map(shownTime)).toEqual(['0.42 ms', '7.3 ms', '227 ms', '1.1s']);
});

test('a size takes the largest unit that leaves something before the point, also where it shrinks', () => {
  expect([0, 12_000, 999_999_999, 4_990_000_000, -77_800_000].map(shownSize)).toEqual([
    '0 byte',
    '12 kB',
    '1 GB',
    '4.99 GB',
    '-77.8 MB',
  ]);
});

test('a share is said in hundredths', () => {
  expect([0, 0.0012, 0.21].map(shownShare)).toEqual(['0%', '0.12%', '21%']);
});
