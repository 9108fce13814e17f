import { expect, test } from 'vitest';
import { Felt } from './felt';

test('what was felt is taken once', () => {
  const felt = new Felt();
  felt.painted(800);
  felt.painted(1_200);
  felt.acknowledged(40);
  felt.reconnected();
  felt.failedToSend();
  expect(felt.take()).toEqual({ lcpMs: 1_200, acksMs: [40], reconnects: 1, failedSends: 1 });
  expect(felt.take()).toBeUndefined();
});

test('a press is as slow as the slowest of its events, and the slowest press counts', () => {
  const felt = new Felt();
  felt.pressed(1, 24);
  felt.pressed(1, 96);
  felt.pressed(1, 32);
  felt.pressed(2, 40);
  expect(felt.take()).toEqual({ inpMs: 96 });
});

test('of every fifty presses one may be slow by accident', () => {
  const felt = new Felt();
  for (let press = 0; press < 49; press += 1) felt.pressed(press, 30);
  felt.pressed(49, 900);
  expect(felt.take()).toEqual({ inpMs: 30 });
});

test('shifts that follow each other at once add up, and the worst of them is kept', () => {
  const felt = new Felt();
  felt.shifted(1_000, 0.05);
  felt.shifted(1_400, 0.05);
  felt.shifted(4_000, 0.02);
  expect(felt.take()?.cls).toBeCloseTo(0.1);
  for (let at = 10_000; at <= 16_000; at += 500) felt.shifted(at, 0.01);
  expect(felt.take()?.cls).toBeCloseTo(0.1);
});

test('of many acknowledgements a hundred are told', () => {
  const felt = new Felt();
  for (let sent = 0; sent < 150; sent += 1) felt.acknowledged(sent);
  expect(felt.take()?.acksMs).toHaveLength(100);
});
