import { Menu } from '@base-ui/react/menu';
import { ArrowLeft, Bell, BellOff, Ellipsis, LogOut, Pin, PinOff, Users } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { strings } from '../../app/strings';
import { isMuted } from '../../chat/rooms';
import { useChat } from '../../hooks/useChat';
import { usePreferences } from '../../hooks/usePreferences';
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

function RoomMenu({ room, name }: { room: Room; name: string }) {
  const chat = useChat();
  const [leaving, setLeaving] = useState(false);
  const [, navigate] = useLocation();
  const { run } = useTask();
  const pinned = usePreferences().pinned.includes(room.id);
  const muted = isMuted(room, Date.now());

  async function mute() {
    await run(async () => {
      const membership = await api.setNotify(room.id, muted ? 'all' : 'none');
      chat.rooms.setNotify(room.id, membership);
    });
  }

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
              <Menu.Item className={menu.item} onClick={() => chat.settings.pin(room.id, !pinned)}>
                {pinned ? <PinOff size={16} aria-hidden /> : <Pin size={16} aria-hidden />}
                {pinned ? strings.rooms.unpin : strings.rooms.pin}
              </Menu.Item>
              <Menu.Item className={menu.item} onClick={() => void mute()}>
                {muted ? <Bell size={16} aria-hidden /> : <BellOff size={16} aria-hidden />}
                {muted ? strings.rooms.unmute : strings.rooms.mute}
              </Menu.Item>
              {room.kind !== 'direct' && (
                <Menu.Item className={`${menu.item} ${menu.danger}`} onClick={() => setLeaving(true)}>
                  <LogOut size={16} aria-hidden />
                  {strings.rooms.leave}
                </Menu.Item>
              )}
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
