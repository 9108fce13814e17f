import { ArrowLeft, Users } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import { useChat, useWatched } from '../../hooks/useChat';
import type { Room } from '../../protocol';
import { PresenceWords } from '../presence/PresenceWords';
import { IconButton } from '../ui/IconButton';
import styles from './RoomHeader.module.css';
import { RoomMenu } from './RoomMenu';

interface Props {
  room: Room;
  name: string;
  /** Before this the reader was at another place of the chat. */
  leadsBack: boolean;
  panelOpen: boolean;
  onTogglePanel: () => void;
}

export function RoomHeader({ room, name, leadsBack, panelOpen, onTogglePanel }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);

  // Where a keyboard would cover what one came to read, a room begins at its name.
  useEffect(() => {
    if (!matchMedia('(pointer: fine)').matches) heading.current?.focus();
  }, []);

  return (
    <header className={styles.header}>
      <Link href="/" className={styles.back} aria-label={strings.back}>
        <ArrowLeft size={18} aria-hidden />
      </Link>
      {leadsBack && (
        <IconButton label={strings.formerPlace} className={styles.former} onClick={() => history.back()}>
          <ArrowLeft size={16} aria-hidden />
        </IconButton>
      )}
      <div className={styles.titles}>
        <h1 ref={heading} className={styles.name} tabIndex={-1}>
          <bdi>{name}</bdi>
        </h1>
        {room.kind === 'direct' && <OtherPerson room={room} />}
        {room.topic && (
          <p className={styles.topic}>
            <bdi>{room.topic}</bdi>
          </p>
        )}
      </div>
      <IconButton
        label={`${panelOpen ? strings.presence.hide : strings.presence.show}, ${strings.people(room.memberCount)}`}
        aria-expanded={panelOpen}
        className={styles.people}
        onClick={onTogglePanel}
      >
        <Users size={16} aria-hidden />
        <span className={styles.count}>{room.memberCount}</span>
      </IconButton>
      {room.membership && <RoomMenu room={room} name={name} />}
    </header>
  );
}

/** Of a conversation between two: whether the other one is there. */
function OtherPerson({ room }: { room: Room }) {
  const { me, people } = useChat();
  const others = useWatched(`members:${room.id}`, () => people.members(room.id));
  const other = others.find(({ user }) => user.id !== me.id);
  if (!other || room.memberCount > 2) return null;
  return (
    <p className={styles.topic}>
      <PresenceWords userId={other.user.id} />
    </p>
  );
}
