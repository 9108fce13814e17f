import { Menu } from '@base-ui/react/menu';
import { ArrowLeft, Ellipsis, LogOut, Users } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { strings } from '../../app/strings';
import { useChat } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { Room } from '../../protocol';
import { api } from '../../services/api';
import { Confirm } from '../ui/Confirm';
import { IconButton } from '../ui/IconButton';
import menu from '../ui/Menu.module.css';
import styles from './RoomHeader.module.css';

interface Props {
  room: Room;
  name: string;
  /** Before this the reader was at another place of the chat. */
  leadsBack: boolean;
  panelOpen: boolean;
  onTogglePanel: () => void;
}

export function RoomHeader({ room, name, leadsBack, panelOpen, onTogglePanel }: Props) {
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
        <h1 className={styles.name}>
          <bdi>{name}</bdi>
        </h1>
        {room.topic && <p className={styles.topic}>{room.topic}</p>}
      </div>
      <IconButton
        label={panelOpen ? strings.presence.hide : strings.presence.show}
        aria-expanded={panelOpen}
        className={styles.people}
        onClick={onTogglePanel}
      >
        <Users size={16} aria-hidden />
        <span className={styles.count}>{room.memberCount}</span>
      </IconButton>
      {room.membership && room.kind !== 'direct' && <RoomMenu room={room} name={name} />}
    </header>
  );
}

function RoomMenu({ room, name }: { room: Room; name: string }) {
  const chat = useChat();
  const [leaving, setLeaving] = useState(false);
  const [, navigate] = useLocation();
  const { run } = useTask();

  async function leave() {
    await run(async () => {
      await api.leaveRoom(room.id, chat.me.id);
      chat.left(room.id);
      navigate('/');
    });
  }

  return (
    <>
      <Menu.Root>
        <Menu.Trigger className={styles.menu} aria-label={strings.rooms.more}>
          <Ellipsis size={18} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className={menu.positioner} align="end" sideOffset={4}>
            <Menu.Popup className={menu.popup}>
              <Menu.Item className={`${menu.item} ${menu.danger}`} onClick={() => setLeaving(true)}>
                <LogOut size={16} aria-hidden />
                {strings.rooms.leave}
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <Confirm
        open={leaving}
        title={strings.rooms.leaveTitle(name)}
        description={room.kind === 'private' ? strings.rooms.leavePrivate : strings.rooms.leavePublic}
        action={strings.rooms.leave}
        onConfirm={() => void leave()}
        onClose={() => setLeaving(false)}
      />
    </>
  );
}
