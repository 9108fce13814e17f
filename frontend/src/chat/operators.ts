/** Who runs the server, and so may see how it is. */
import type { Role, User } from '../protocol';

export const isOperator = ({ role }: Pick<User, 'role'>): boolean => role === 'owner' || role === 'admin';

export const ROLES = ['owner', 'admin', 'member', 'guest'] as const satisfies readonly Role[];

/** The roles that one may give to another; of operators only an owner makes more, and nobody changes oneself. */
export function rolesToGive(me: User, other: User): readonly Role[] {
  if (me.id === other.id) return [];
  if (me.role === 'owner') return ROLES;
  return mayActOn(me, other) ? ['member', 'guest'] : [];
}

/** Whether one may deactivate another, and end their sessions. */
export function mayActOn(me: User, other: User): boolean {
  if (me.id === other.id || !isOperator(me)) return false;
  return me.role === 'owner' || !isOperator(other);
}
