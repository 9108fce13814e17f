/** One room in the list. It watches itself only, so that a busy room renders one row. */
import { BellOff, Hash, Lock, Users } from 'lucide-react';
import { type CSSProperties, memo } from 'react';
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import { callOf, isMuted, MANY_UNREAD, wantingIn } from '../../chat/rooms';
import { useChat, useWatched } from '../../hooks/useChat';
import { useRoomName } from '../../hooks/useRoomName';
import type { Room } from '../../protocol';
import { PresenceDot } from '../presence/PresenceDot';
import { DraftMark } from './DraftMark';
import styles from './RoomList.module.css';

interface Props {
  roomId: string;
  /** Its place on its shelf, of so many. */
  place: number;
  of: number;
  current: boolean;
  /** It leads to where one is already, which is no new place to come back from. */
  replaces: boolean;
  tabStop: boolean;
}

export const RoomRow = memo(function RoomRow({ roomId, place, of, ...link }: Props) {
  const room = useWatched(`room:${roomId}`, (chat) => chat.rooms.get(roomId));
  if (!room) return null;
  return (
    <li
      className={styles.item}
      style={{ '--place': place } as CSSProperties}
      aria-setsize={of}
      aria-posinset={place + 1}
    >
      <RoomLink room={room} {...link} />
    </li>
  );
});

interface LinkProps extends Pick<Props, 'current' | 'replaces' | 'tabStop'> {
  room: Room;
}

function RoomLink({ room, current, replaces, tabStop }: LinkProps) {
  const name = useRoomName(room);
  const now = Date.now();
  const call = callOf(room, now);
  const muted = isMuted(room, now);
  return (
    <Link
      href={`/r/${room.id}`}
      replace={replaces}
      className={styles.row}
      aria-current={current ? 'page' : undefined}
      tabIndex={tabStop ? 0 : -1}
      data-room={room.id}
      data-call={call}
      data-muted={muted || undefined}
      // Opening a room leads to where one writes, also when it is open already.
      onClick={() => current && document.getElementById('composer')?.focus()}
    >
      <span className={styles.sign}>
        <Sign room={room} />
      </span>
      <span className={styles.name}>
        <bdi>{name}</bdi>
      </span>
      {!current && <DraftMark roomId={room.id} />}
      {muted && <BellOff size={14} role="img" aria-label={strings.rooms.muted} />}
      <Unread call={call} unread={room.membership?.unread ?? 0} wanting={wantingIn(room, now)} />
    </Link>
  );
}

/** A number for what wants its reader in person, a dot for what is merely new. */
function Unread({ call, unread, wanting }: { call: string; unread: number; wanting: number }) {
  if (call === 'attention') {
    return (
      <span className={styles.badge}>
        <span aria-hidden>{wanting >= MANY_UNREAD ? strings.rooms.many : wanting}</span>
        <span className="visually-hidden">{strings.rooms.mentions(wanting)}</span>
      </span>
    );
  }
  if (call === 'unread') {
    return (
      <span className={styles.new}>
        <span className="visually-hidden">{strings.rooms.unread(unread)}</span>
      </span>
    );
  }
  return null;
}

function Sign({ room }: { room: Room }) {
  if (room.kind === 'public') return <Hash size={15} aria-hidden />;
  if (room.kind === 'private') return <Lock size={14} aria-hidden />;
  if (room.memberCount > 2) return <Users size={15} aria-hidden />;
  return <OtherPerson room={room} />;
}

function OtherPerson({ room }: { room: Room }) {
  const { me } = useChat();
  const other = useWatched(`members:${room.id}`, (chat) =>
    chat.people.members(room.id).find((member) => member.user.id !== me.id),
  );
  const userId = other?.user.id ?? me.id;
  const status = useWatched(`presence:${userId}`, (chat) => chat.people.status(userId));
  return <PresenceDot status={status} />;
}
