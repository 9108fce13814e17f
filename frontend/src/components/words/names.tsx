/** Words that lead somewhere or call somebody. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { type Inline, type Link as LinkInWords, sameRoomName } from '../../chat/words/words';
import { useChat, useWatched } from '../../hooks/useChat';
import styles from './Words.module.css';

type Of<Kind extends Inline['kind']> = Extract<Inline, { kind: Kind }>;

/** An address of this chat is gone to in this page; all others know nothing of where one came from. */
export function WordLink({ link, children }: { link: LinkInWords; children: ReactNode }) {
  const { origin, pathname, search, hash } = new URL(link.href);
  if (origin === location.origin && pathname.startsWith('/r/')) {
    return (
      <Link href={`${pathname}${search}${hash}`} className={styles.link}>
        <bdi>{children}</bdi>
      </Link>
    );
  }
  return (
    <>
      <a className={styles.link} href={link.href} target="_blank" rel="noopener noreferrer nofollow">
        <bdi>{children}</bdi>
      </a>
      {link.host !== undefined && <bdi className={styles.host}>{link.host}</bdi>}
    </>
  );
}

export function Mention({ mention: { text, username } }: { mention: Of<'mention'> }) {
  const { me } = useChat();
  if (username !== me.username && username !== 'all') return <bdi className={styles.mention}>{text}</bdi>;
  return <strong className={styles.me}>{text}</strong>;
}

/** Leads to the room if the reader has one of that name. */
export function RoomName({ room: { text, name } }: { room: Of<'room'> }) {
  const chat = useChat();
  const roomId = useWatched(
    'rooms',
    () => chat.rooms.list.find((room) => sameRoomName(room.name ?? '') === name)?.id,
  );
  if (roomId === undefined) return text;
  return (
    <Link href={`/r/${roomId}`} className={styles.link}>
      <bdi>{text}</bdi>
    </Link>
  );
}
