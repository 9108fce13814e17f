/** Who is here: those whose page shows the room now, then the other members. */
import { UserPlus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { Later, usePart } from '../../hooks/later';
import { useChat, useWatched } from '../../hooks/useChat';
import { useReturnFocus } from '../../hooks/useReturnFocus';
import { useEscape } from '../../hooks/useShell';
import type { Member, Room } from '../../protocol';
import type { AddPeopleProps } from '../rooms/AddPeople';
import { Button } from '../ui/Button';
import { IconButton } from '../ui/IconButton';
import { Skeleton } from '../ui/Skeleton';
import styles from './PeoplePanel.module.css';
import { PresenceDot } from './PresenceDot';
import { PresenceWords } from './PresenceWords';

interface Props {
  room: Room;
  onClose: () => void;
}

const addPeople = new Later<AddPeopleProps>(() => import('../rooms/AddPeople'));

const byName = new Intl.Collator();

export function PeoplePanel({ room, onClose }: Props) {
  const members = useWatched(`members:${room.id}`, (chat) => chat.people.members(room.id));
  const [adding, setAdding] = useState(false);
  const AddPeople = usePart(addPeople, adding);
  const panel = useRef<HTMLElement>(null);
  useReturnFocus(panel);
  // Where there is room for it the panel is a part of the page, and not in anybody's way.
  useEscape('panel', true, () => {
    const inTheWay = matchMedia('(width < 1100px)').matches;
    if (!inTheWay && !panel.current?.contains(document.activeElement)) return false;
    onClose();
  });
  const sorted = [...members].sort((a, b) => byName.compare(a.user.displayName, b.user.displayName));
  const here = sorted.filter((member) => member.here);
  const others = sorted.filter((member) => !member.here);
  const unnamed = room.memberCount - members.length;

  return (
    <aside ref={panel} className={styles.panel} aria-label={strings.presence.panel} data-region="panel">
      <div className={styles.head}>
        <h2 className={styles.title}>{strings.presence.panel}</h2>
        <IconButton label={strings.presence.hide} onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </div>
      {members.length === 0 && <Skeleton shape="people" />}
      <People title={strings.presence.here} members={here} />
      <People title={strings.presence.others} members={others} />
      {unnamed > 0 && (
        <p className={styles.more}>
          {members.length > 0 ? strings.presence.more(unnamed) : strings.people(room.memberCount)}
        </p>
      )}
      {room.kind !== 'direct' && room.membership && !room.archivedAt && (
        <Button look="plain" className={styles.add} onClick={() => setAdding(true)}>
          <UserPlus size={16} aria-hidden />
          {strings.rooms.add}
        </Button>
      )}
      {AddPeople && <AddPeople room={room} open={adding} onClose={() => setAdding(false)} />}
    </aside>
  );
}

function People({ title, members }: { title: string; members: readonly Member[] }) {
  if (members.length === 0) return null;
  return (
    <section>
      <h3 className={styles.section}>
        {title} <span className={styles.count}>{members.length}</span>
      </h3>
      <ul aria-label={title}>
        {members.map((member) => (
          <Person key={member.user.id} member={member} />
        ))}
      </ul>
    </section>
  );
}

function Person({ member: { user } }: { member: Member }) {
  const chat = useChat();
  const status = useWatched(`presence:${user.id}`, () => chat.people.status(user.id));
  const seenAt = useWatched(`presence:${user.id}`, () => chat.people.lastSeenAt(user.id));
  return (
    <li className={styles.person}>
      <PresenceDot status={status} />
      <span className={styles.name}>
        <bdi>{user.displayName}</bdi>
        {user.id === chat.me.id && <span className={styles.note}> {strings.presence.you}</span>}
        {user.isBot && <span className={styles.note}> {strings.presence.bot}</span>}
      </span>
      <bdi className={styles.username}>{user.username}</bdi>
      {status === 'offline' && seenAt && (
        <span className={styles.seen}>
          <PresenceWords userId={user.id} />
        </span>
      )}
    </li>
  );
}
