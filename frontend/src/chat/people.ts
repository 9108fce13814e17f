/**
 * People as far as this user meets them: who is in which room, who is here, and
 * whether they are online. Presence is a hint and is repaired by each answer
 * that carries members.
 */
import type { Change, Member, Presence, PresenceStatus, User } from '../protocol';
import type { Notices } from './notices';

type Roster = ReadonlyMap<string, Member>;

const NOBODY: readonly Member[] = [];

export class People {
  readonly #users = new Map<string, User>();
  readonly #presence = new Map<string, Presence>();
  readonly #rosters = new Map<string, Roster>();
  readonly #lists = new Map<string, readonly Member[]>();
  readonly #notices: Notices;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  user(id: string): User | undefined {
    return this.#users.get(id);
  }

  /** Everybody met so far who can be met again: none of those who cannot log in. */
  get known(): readonly User[] {
    return [...this.#users.values()].filter((user) => !user.deactivated);
  }

  status(id: string): PresenceStatus {
    return this.#presence.get(id)?.status ?? 'unknown';
  }

  /** When somebody who is not there was there last, by the latest word of it: they may hide it now. */
  lastSeenAt(id: string): string | undefined {
    return this.#presence.get(id)?.lastSeenAt ?? undefined;
  }

  members(roomId: string): readonly Member[] {
    let list = this.#lists.get(roomId);
    if (!list) {
      const roster = this.#rosters.get(roomId);
      list = roster ? [...roster.values()] : NOBODY;
      this.#lists.set(roomId, list);
    }
    return list;
  }

  member(roomId: string, userId: string): Member | undefined {
    return this.#rosters.get(roomId)?.get(userId);
  }

  /** Takes the server's list of a room's members; it names at most 100. */
  putMembers(roomId: string, members: readonly Member[]): void {
    for (const member of members) this.#meet(member);
    this.#setRoster(roomId, new Map(members.map((member) => [member.user.id, member])));
  }

  forget(roomId: string): void {
    this.#rosters.delete(roomId);
    this.#membersChanged(roomId);
  }

  receive(roomId: string, change: Change): void {
    const roster = this.#rosters.get(roomId);
    if (!roster) return;
    if (change.event === 'member_added' || change.event === 'member_changed') {
      const { member } = change.data;
      this.#meet(member);
      this.#setRoster(roomId, new Map(roster).set(member.user.id, member));
    } else if (change.event === 'member_removed') {
      const rest = new Map(roster);
      rest.delete(change.data.userId);
      this.#setRoster(roomId, rest);
    }
  }

  /** Someone's connection follows the room now, or none does any more. */
  setHere(roomId: string, user: User, here: boolean): void {
    const roster = this.#rosters.get(roomId);
    const member = roster?.get(user.id);
    this.#users.set(user.id, user);
    if (!roster || !member || member.here === here) return;
    this.#setRoster(roomId, new Map(roster).set(user.id, { ...member, here }));
  }

  setPresence(presence: Presence): void {
    this.#presence.set(presence.userId, presence);
    this.#notices.changed(`presence:${presence.userId}`);
  }

  #meet(member: Member): void {
    this.#users.set(member.user.id, member.user);
    this.setPresence(member.presence);
  }

  #setRoster(roomId: string, roster: Roster): void {
    this.#rosters.set(roomId, roster);
    this.#membersChanged(roomId);
  }

  #membersChanged(roomId: string): void {
    this.#lists.delete(roomId);
    // A direct room is named after its people, so the list of rooms may read differently.
    this.#notices.changed(`members:${roomId}`, 'rooms');
  }
}
