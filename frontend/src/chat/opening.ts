/**
 * Where somebody likes a room with unread messages to open: where they stopped
 * reading, or at the newest message; and then whether what they did not see on
 * the way stays unread until they have.
 */
const OPENINGS = ['unread', 'newest', 'newestKeepingUnread'] as const;

export type Opening = (typeof OPENINGS)[number];

/** As the account keeps it; what is not understood counts as not chosen. */
export function openingIn(settings: unknown): Opening {
  const wish = typeof settings === 'object' && settings !== null && 'opensAt' in settings && settings.opensAt;
  return OPENINGS.find((opening) => opening === wish) ?? 'unread';
}
