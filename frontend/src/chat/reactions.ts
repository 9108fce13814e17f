/**
 * Reactions as a list of `{ emoji, count, userIds }`, in the order they came.
 *
 * A click shows at once: what the user wants is laid over what the server has
 * said, until the two agree.
 */
import type { Reaction } from '../protocol';

/** What the server names at most; `count` is exact beyond it. */
const NAMED = 50;

/** The user's wish per emoji: true to have reacted with it, false to not have. */
export type Wishes = ReadonlyMap<string, boolean>;

export function withReaction(reactions: readonly Reaction[], emoji: string, user: string): Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji);
  if (!known) return [...reactions, { emoji, count: 1, userIds: [user] }];
  if (known.userIds.includes(user)) return [...reactions];
  const userIds = known.userIds.length < NAMED ? [...known.userIds, user] : known.userIds;
  return reactions.map((reaction) =>
    reaction === known ? { emoji, count: known.count + 1, userIds } : reaction,
  );
}

export function withoutReaction(reactions: readonly Reaction[], emoji: string, user: string): Reaction[] {
  return reactions.flatMap((reaction) => {
    if (reaction.emoji !== emoji) return [reaction];
    const named = reaction.userIds.includes(user);
    // With more people than are named, the user may be one of the others.
    if (!named && reaction.count <= reaction.userIds.length) return [reaction];
    if (reaction.count <= 1) return [];
    return [{ emoji, count: reaction.count - 1, userIds: reaction.userIds.filter((id) => id !== user) }];
  });
}

export function hasReacted(reactions: readonly Reaction[], emoji: string, user: string): boolean {
  return reactions.some((reaction) => reaction.emoji === emoji && reaction.userIds.includes(user));
}

/** The reactions to show, with the user's own wishes already granted. */
export function withWishes(reactions: Reaction[], wishes: Wishes | undefined, me: string): Reaction[] {
  let shown = reactions;
  for (const [emoji, wanted] of wishes ?? []) {
    if (wanted === hasReacted(shown, emoji, me)) continue;
    shown = wanted ? withReaction(shown, emoji, me) : withoutReaction(shown, emoji, me);
  }
  return shown;
}
