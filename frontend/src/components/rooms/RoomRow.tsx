import { Hash, Lock, Users } from 'lucide-react';
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import { callOf, MANY_UNREAD } from '../../chat/rooms';
import { useChat, useWatched } from '../../hooks/useChat';
import { useRoomName } from '../../hooks/useRoomName';
import type { Room } from '../../protocol';
import { PresenceDot } from '../presence/PresenceDot';
import { DraftMark } from './DraftMark';
import styles from './RoomList.module.css';

export function RoomRow({ room, current }: { room: Room; current: boolean }) {
  const name = useRoomName(room);
  const call = callOf(room);
  const unread = room.membership?.unread ?? 0;
  const wanting = room.kind === 'direct' ? unread : (room.membership?.mentions ?? 0);
  return (
    <li>
      <Link
        href={`/r/${room.id}`}
        className={styles.row}
        aria-current={current ? 'page' : undefined}
        data-call={call}
      >
        <span className={styles.sign}>
          <Sign room={room} />
        </span>
        <bdi className={styles.name}>{name}</bdi>
        {!current && <DraftMark roomId={room.id} />}
        {call === 'attention' && (
          <span className={styles.badge}>
            <span aria-hidden>{wanting >= MANY_UNREAD ? '99+' : wanting}</span>
            <span className="visually-hidden">{strings.rooms.mentions(wanting)}</span>
          </span>
        )}
        {call === 'unread' && (
          <span className={styles.count}>
            <span aria-hidden>{unread >= MANY_UNREAD ? '99+' : unread}</span>
            <span className="visually-hidden">{strings.rooms.unread(unread)}</span>
          </span>
        )}
      </Link>
    </li>
  );
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
