import { expect, test } from 'vitest';
import { user } from '../../tests/support/people';
import type { Role, User } from '../protocol';
import { isOperator, mayActOn, ROLES, rolesToGive } from './operators';

const as = (role: Role, name: string = role): User => ({ ...user(name), role });

test('owners and admins are operators, and nobody else is', () => {
  expect(ROLES.filter((role) => isOperator(as(role)))).toEqual(['owner', 'admin']);
});

test('an owner gives every role, an admin only those that are no operators', () => {
  expect(rolesToGive(as('owner'), as('member'))).toEqual(ROLES);
  expect(rolesToGive(as('owner'), as('owner', 'other'))).toEqual(ROLES);
  expect(rolesToGive(as('admin'), as('guest'))).toEqual(['member', 'guest']);
  expect(rolesToGive(as('admin'), as('admin', 'other'))).toEqual([]);
  expect(rolesToGive(as('member'), as('guest'))).toEqual([]);
});

test('nobody acts on oneself', () => {
  for (const role of ROLES) {
    expect(rolesToGive(as(role), as(role))).toEqual([]);
    expect(mayActOn(as(role), as(role))).toBe(false);
  }
});

test('an admin acts on members and guests, an owner on everybody else', () => {
  expect(ROLES.filter((role) => mayActOn(as('admin'), as(role, 'other')))).toEqual(['member', 'guest']);
  expect(ROLES.filter((role) => mayActOn(as('owner'), as(role, 'other')))).toEqual([...ROLES]);
  expect(ROLES.filter((role) => mayActOn(as('member'), as(role, 'other')))).toEqual([]);
});
