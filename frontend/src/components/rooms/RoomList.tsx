import { type ReactNode, useId, useRef, useState } from 'react';
import { useRoute } from 'wouter';
import { orderRooms } from '../../chat/rooms';
import { useChat, useWatched } from '../../hooks/useChat';
import { nameIn } from '../../hooks/useRoomName';
import styles from './RoomList.module.css';
import { RoomRow } from './RoomRow';

interface Props {
  title: string;
  direct: boolean;
  action: ReactNode;
}

export function RoomList({ title, direct, action }: Props) {
  const chat = useChat();
  const rooms = useWatched('rooms', () => chat.rooms.list);
  const [, route] = useRoute('/r/:roomId/*?');
  const [held, setHeld] = useState(false);
  const order = useRef<readonly string[]>([]);
  const headingId = useId();

  const mine = rooms.filter((room) => (room.kind === 'direct') === direct);
  let shown = orderRooms(mine, (room) => nameIn(chat, room));
  // Nothing moves away from under a pointer or the focus: new rooms come last until it leaves.
  if (held) {
    const place = new Map(order.current.map((id, index) => [id, index]));
    shown = shown.sort((a, b) => (place.get(a.id) ?? place.size) - (place.get(b.id) ?? place.size));
  } else {
    order.current = shown.map((room) => room.id);
  }

  return (
    <section aria-labelledby={headingId}>
      <div className={styles.head}>
        <h2 id={headingId} className={styles.title}>
          {title}
        </h2>
        {action}
      </div>
      <ul
        aria-labelledby={headingId}
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
      >
        {shown.map((room) => (
          <RoomRow key={room.id} room={room} current={route?.roomId === room.id} />
        ))}
      </ul>
    </section>
  );
}
